// The names of the letters, for words that are spelled.
#pragma once

#include <string_view>

#include "core/text/arpabet.h"

namespace m2tts {

// The name of a letter 'a' to 'z': "B IY1".
const Pronunciation& LetterName(char letter);

// The names of all letters in `word`, one after another; other characters are passed over.
Pronunciation SpellOut(std::string_view word);

}  // namespace m2tts
