// The phoneme set: 42 English phonemes plus specials, with a version stored in voices.
//
// The 39 phonemes of the CMU dictionary (ARPAbet) plus the reduced vowels AX (AH0), AXR
// (ER0) and IX (IH0). Stress is a parallel feature, never part of the symbol. Ids are
// baked into weights: changing one means a new kPhonemeSetVersion.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace m2tts {

using PhonemeId = uint8_t;

inline constexpr int kPhonemeSetVersion = 1;
inline constexpr int kSpecialCount = 8;
inline constexpr int kEnglishPhonemeCount = 42;
inline constexpr int kPhonemeCount = kSpecialCount + kEnglishPhonemeCount;

// Specials come first; the English phonemes follow in alphabetical order.
inline constexpr PhonemeId kPad = 0;
inline constexpr PhonemeId kBegin = 1;
inline constexpr PhonemeId kEnd = 2;
inline constexpr PhonemeId kWordBoundary = 3;
inline constexpr PhonemeId kShortPause = 4;  // comma, semicolon, dash, bracket
inline constexpr PhonemeId kLongPause = 5;   // full stop, colon, ellipsis, end of paragraph
inline constexpr PhonemeId kQuestion = 6;
inline constexpr PhonemeId kExclamation = 7;

enum class Stress : uint8_t {
  kNone = 0,  // consonants and specials
  kUnstressed = 1,
  kPrimary = 2,
  kSecondary = 3,
};
inline constexpr int kStressCount = 4;

// "AH", "AXR", "|" ...; empty for an id outside the set.
std::string_view PhonemeSymbol(PhonemeId id);

// The id of a symbol without stress digit; nullopt when unknown.
std::optional<PhonemeId> PhonemeFromSymbol(std::string_view symbol);

bool IsVowel(PhonemeId id);
bool IsSpecial(PhonemeId id);

}  // namespace m2tts
