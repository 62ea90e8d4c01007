#include "core/text/phoneme.h"

#include <algorithm>
#include <array>

namespace m2tts {
namespace {

// Indexed by id. Order is baked into weights: see kPhonemeSetVersion.
constexpr std::array<std::string_view, kPhonemeCount> kSymbols = {
    "_",  "^",  "$",  "|",  ",",  ".",  "?",   "!",  // specials
    "AA", "AE", "AH", "AO", "AW", "AX", "AXR", "AY", "B",  "CH", "D", "DH", "EH", "ER",
    "EY", "F",  "G",  "HH", "IH", "IX", "IY",  "JH", "K",  "L",  "M", "N",  "NG", "OW",
    "OY", "P",  "R",  "S",  "SH", "T",  "TH",  "UH", "UW", "V",  "W", "Y",  "Z",  "ZH"};

// ARPAbet names every vowel, and no consonant, with one of these first letters.
constexpr std::array<bool, kPhonemeCount> VowelTable() {
  std::array<bool, kPhonemeCount> table{};
  for (size_t id = kSpecialCount; id < kPhonemeCount; ++id) {
    const char first = kSymbols[id][0];
    table[id] = first == 'A' || first == 'E' || first == 'I' || first == 'O' || first == 'U';
  }
  return table;
}
constexpr auto kIsVowel = VowelTable();

}  // namespace

std::string_view PhonemeSymbol(PhonemeId id) {
  return id < kPhonemeCount ? kSymbols[id] : std::string_view();
}

std::optional<PhonemeId> PhonemeFromSymbol(std::string_view symbol) {
  // The English part is sorted; the specials are few.
  const auto* const english = kSymbols.begin() + kSpecialCount;
  const auto* const found = std::lower_bound(english, kSymbols.end(), symbol);
  if (found != kSymbols.end() && *found == symbol) return static_cast<PhonemeId>(found - kSymbols.begin());
  const auto* const special = std::find(kSymbols.begin(), english, symbol);
  if (special != english) return static_cast<PhonemeId>(special - kSymbols.begin());
  return std::nullopt;
}

bool IsVowel(PhonemeId id) {
  return id < kPhonemeCount && kIsVowel[id];
}

bool IsSpecial(PhonemeId id) {
  return id < kSpecialCount;
}

}  // namespace m2tts
