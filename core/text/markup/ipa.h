// The International Phonetic Alphabet, as far as English needs it, to our phonemes and back.
#pragma once

#include <string>
#include <string_view>

#include "core/base/status.h"
#include "core/text/arpabet.h"

namespace m2tts {

// "həˈloʊ" -> HH AH0 L OW1. Stress marks count for the next vowel; without any, the first vowel that
// is not reduced by nature (ə, ɚ, ᵻ) is stressed. Length marks, ties, syllable dots and blanks are allowed.
// INVALID_ARGUMENT names the symbol that is not known and its byte.
StatusOr<Pronunciation> ParseIpa(std::string_view text);

// HH AH0 L OW1 -> "həˈloʊ", each mark before the consonants that can begin its syllable; a word of one
// vowel has none. ParseIpa reads it back, but for the stress of a word that is one full unstressed vowel.
std::string FormatIpa(const Pronunciation& word);

// ARPAbet when the text is ASCII, else IPA.
StatusOr<Pronunciation> ParseArpabetOrIpa(std::string_view text);

}  // namespace m2tts
