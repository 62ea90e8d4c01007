// Phonemes written into plain text: "say [[ HH AH0 L OW1 ]]" or "[[ həˈloʊ ]]".
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "core/text/arpabet.h"
#include "core/text/markup/ipa.h"
#include "core/text/markup/marked_text.h"

namespace m2tts {

// `text` with every [[ ... ]] of phonemes turned into a span; nullopt when there is none. Several words
// are separated by "|". What stands in brackets and cannot be phonemes is left as text, with a
// warning that names the symbol when it looks like phonemes with a mistake.
std::optional<MarkedText> FindInlinePhonemes(std::string_view text);

// "HH AH0 L OW1 | W ER1 L D": words between bars, each in the alphabet that `parse` reads.
StatusOr<std::vector<Pronunciation>> ParsePhonemeWords(
    std::string_view text, StatusOr<Pronunciation> (*parse)(std::string_view) = ParseArpabetOrIpa);

}  // namespace m2tts
