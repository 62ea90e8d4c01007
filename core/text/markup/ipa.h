// The International Phonetic Alphabet, as far as English needs it, to our phonemes.
#pragma once

#include <string_view>

#include "core/base/status.h"
#include "core/text/arpabet.h"

namespace m2tts {

// "həˈloʊ" -> HH AH0 L OW1. Stress marks count for the next vowel; without any, the first vowel
// is stressed. Length marks, ties, syllable dots and blanks are allowed. INVALID_ARGUMENT names the
// symbol that is not known and its byte.
StatusOr<Pronunciation> ParseIpa(std::string_view text);

// ARPAbet when the text is ASCII, else IPA.
StatusOr<Pronunciation> ParseArpabetOrIpa(std::string_view text);

}  // namespace m2tts
