// Word stress for guessed pronunciations.
#pragma once

#include <string_view>
#include <vector>

#include "core/text/arpabet.h"

namespace m2tts {

// Places stress on the vowels of `phonemes`, using the ending of `spelling` (lower case), and
// reduces the unstressed ones that English reduces. Pure function.
Pronunciation AssignStress(std::string_view spelling, const std::vector<PhonemeId>& phonemes);

}  // namespace m2tts
