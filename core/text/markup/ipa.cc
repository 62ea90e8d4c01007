#include "core/text/markup/ipa.h"

#include <algorithm>
#include <array>
#include <bitset>
#include <iterator>
#include <optional>
#include <vector>

#include "core/base/utf8.h"
#include "core/text/char_class.h"

namespace m2tts {
namespace {

struct Symbol {
  std::string_view ipa;
  std::string_view arpabet;  // symbols without stress, separated by blanks; empty: no sound of its own
};

// Longer ones first where one begins another.
constexpr std::array kSymbols = {
    Symbol{"ɜːr", "ER"}, Symbol{"ɜːɹ", "ER"}, Symbol{"t͡ʃ", "CH"},  Symbol{"d͡ʒ", "JH"},  Symbol{"tʃ", "CH"},
    Symbol{"dʒ", "JH"},  Symbol{"eɪ", "EY"},  Symbol{"aɪ", "AY"},  Symbol{"ɔɪ", "OY"},  Symbol{"aʊ", "AW"},
    Symbol{"oʊ", "OW"},  Symbol{"əʊ", "OW"},  Symbol{"ɜr", "ER"},  Symbol{"ɜɹ", "ER"},  Symbol{"ər", "AXR"},
    Symbol{"əɹ", "AXR"}, Symbol{"n̩", "AX N"}, Symbol{"l̩", "AX L"}, Symbol{"m̩", "AX M"}, Symbol{"ɑ", "AA"},
    Symbol{"ɒ", "AA"},   Symbol{"a", "AA"},   Symbol{"æ", "AE"},   Symbol{"ʌ", "AH"},   Symbol{"ɐ", "AH"},
    Symbol{"ə", "AX"},   Symbol{"ɔ", "AO"},   Symbol{"ɛ", "EH"},   Symbol{"e", "EH"},   Symbol{"ɝ", "ER"},
    Symbol{"ɜ", "ER"},   Symbol{"ɚ", "AXR"},  Symbol{"ɪ", "IH"},   Symbol{"ᵻ", "IX"},   Symbol{"ɨ", "IX"},
    Symbol{"i", "IY"},   Symbol{"o", "OW"},   Symbol{"ʊ", "UH"},   Symbol{"u", "UW"},   Symbol{"b", "B"},
    Symbol{"d", "D"},    Symbol{"ð", "DH"},   Symbol{"f", "F"},    Symbol{"ɡ", "G"},    Symbol{"g", "G"},
    Symbol{"h", "HH"},   Symbol{"k", "K"},    Symbol{"l", "L"},    Symbol{"ɫ", "L"},    Symbol{"m", "M"},
    Symbol{"n", "N"},    Symbol{"ŋ", "NG"},   Symbol{"p", "P"},    Symbol{"r", "R"},    Symbol{"ɹ", "R"},
    Symbol{"s", "S"},    Symbol{"ʃ", "SH"},   Symbol{"t", "T"},    Symbol{"ɾ", "D"},    Symbol{"θ", "TH"},
    Symbol{"v", "V"},    Symbol{"w", "W"},    Symbol{"ʍ", "W"},    Symbol{"j", "Y"},    Symbol{"z", "Z"},
    Symbol{"ʒ", "ZH"},   Symbol{"x", "K"},    Symbol{"ː", ""},     Symbol{"ˑ", ""},     Symbol{"͡", ""},
    Symbol{".", ""},     Symbol{" ", ""},     Symbol{"ʰ", ""},     Symbol{"ʔ", ""},     Symbol{"̃", ""},
    Symbol{"‿", ""},
};

constexpr std::string_view kPrimaryMark = "ˈ";
constexpr std::string_view kSecondaryMark = "ˌ";

void AppendSymbols(std::string_view arpabet, Stress* pending, Pronunciation* out) {
  while (!arpabet.empty()) {
    const size_t blank = std::min(arpabet.find(' '), arpabet.size());
    const PhonemeId id = *PhonemeFromSymbol(arpabet.substr(0, blank));
    if (IsVowel(id)) {
      out->push_back({id, *pending});
      *pending = Stress::kUnstressed;
    } else {
      out->push_back({id, Stress::kNone});
    }
    arpabet.remove_prefix(std::min(arpabet.size(), blank + 1));
  }
}

// Reduced vowels and the full ones of their kind.
const PhonemeId kReduced[3][2] = {{*PhonemeFromSymbol("AX"), *PhonemeFromSymbol("AH")},
                                  {*PhonemeFromSymbol("AXR"), *PhonemeFromSymbol("ER")},
                                  {*PhonemeFromSymbol("IX"), *PhonemeFromSymbol("IH")}};

bool IsReduced(PhonemeId id) {
  return std::any_of(std::begin(kReduced), std::end(kReduced),
                     [id](const auto& pair) { return pair[0] == id; });
}

// Reduced vowels are unstressed by their nature, and unstressed full ones of their kind are reduced.
StressedPhoneme Settle(StressedPhoneme phoneme) {
  for (const auto& pair : kReduced) {
    if (phoneme.id == pair[0]) phoneme.id = pair[1];
  }
  return ReduceIfUnstressed(phoneme.id, phoneme.stress);
}

// How a phoneme is written: the first symbol of the table that stands for it alone, but for the ties.
std::string_view IpaOf(PhonemeId id) {
  static const auto* const table = [] {
    auto* const symbols = new std::array<std::string_view, kPhonemeCount>();
    for (const Symbol& symbol : kSymbols) {
      const std::optional<PhonemeId> known = PhonemeFromSymbol(symbol.arpabet);
      const bool usual =
          symbol.ipa.find("͡") == std::string_view::npos && symbol.ipa.find("ː") == std::string_view::npos;
      if (known && usual && (*symbols)[*known].empty()) (*symbols)[*known] = symbol.ipa;
    }
    // Where the first is not the common one.
    (*symbols)[*PhonemeFromSymbol("ER")] = "ɝ";
    (*symbols)[*PhonemeFromSymbol("AXR")] = "ɚ";
    (*symbols)[*PhonemeFromSymbol("R")] = "ɹ";
    return symbols;
  }();
  return id < kPhonemeCount ? (*table)[id] : std::string_view();
}

// Whether the two, side by side, would read as one longer symbol: T SH is not CH.
bool WouldMerge(PhonemeId left, PhonemeId right) {
  static const auto* const table = [] {
    auto* const merges = new std::array<std::bitset<kPhonemeCount>, kPhonemeCount>();
    for (PhonemeId l = kSpecialCount; l < kPhonemeCount; ++l) {
      for (PhonemeId r = kSpecialCount; r < kPhonemeCount; ++r) {
        const std::string both = std::string(IpaOf(l)) + std::string(IpaOf(r));
        (*merges)[l][r] = std::any_of(kSymbols.begin(), kSymbols.end(), [&](const Symbol& symbol) {
          return symbol.ipa.size() > IpaOf(l).size() && StartsWith(symbol.ipa, IpaOf(l)) &&
                 StartsWith(both, symbol.ipa);
        });
      }
    }
    return merges;
  }();
  return left < kPhonemeCount && right < kPhonemeCount && (*table)[left][right];
}

bool IsOneOf(std::string_view symbol, std::initializer_list<std::string_view> list) {
  return std::find(list.begin(), list.end(), symbol) != list.end();
}

// Whether an English syllable can begin with `first` right before `second`.
bool CanPrecede(std::string_view first, std::string_view second) {
  if (first == "S") return IsOneOf(second, {"P", "T", "K", "M", "N", "L", "W"});
  if (IsOneOf(first, {"P", "B", "K", "G", "F"}) && second == "L") return true;
  if (IsOneOf(first, {"P", "B", "T", "D", "K", "G", "F", "TH", "SH"}) && second == "R") return true;
  if (IsOneOf(first, {"T", "D", "K", "G", "TH"}) && second == "W") return true;
  return IsOneOf(first, {"P", "B", "K", "F", "M", "V", "HH"}) && second == "Y";
}

// Index of the first consonant of the syllable whose vowel is at `vowel`.
size_t SyllableBegin(const Pronunciation& word, size_t vowel) {
  const auto symbol = [&](size_t i) { return PhonemeSymbol(word[i].id); };
  size_t begin = vowel;
  while (begin > 0 && !IsVowel(word[begin - 1].id)) {
    if (begin == vowel ? symbol(begin - 1) == "NG" : !CanPrecede(symbol(begin - 1), symbol(begin))) break;
    --begin;
  }
  // A word cannot begin with what no syllable begins with.
  const bool only_consonants = std::none_of(word.begin(), word.begin() + static_cast<ptrdiff_t>(begin),
                                            [](StressedPhoneme p) { return IsVowel(p.id); });
  return only_consonants ? 0 : begin;
}

}  // namespace

StatusOr<Pronunciation> ParseIpa(std::string_view text) {
  Pronunciation out;
  Stress pending = Stress::kUnstressed;
  bool marked = false;
  for (size_t at = 0; at < text.size();) {
    const std::string_view rest = text.substr(at);
    if (StartsWith(rest, kPrimaryMark) || StartsWith(rest, kSecondaryMark)) {
      pending = StartsWith(rest, kPrimaryMark) ? Stress::kPrimary : Stress::kSecondary;
      marked = true;
      at += kPrimaryMark.size();
      continue;
    }
    const auto* const symbol = std::find_if(kSymbols.begin(), kSymbols.end(),
                                            [&](const Symbol& s) { return StartsWith(rest, s.ipa); });
    if (symbol == kSymbols.end()) {
      return InvalidArgument("unknown IPA symbol '{}' at byte {}", rest.substr(0, EndOfCharacter(rest, 1)),
                             at);
    }
    AppendSymbols(symbol->arpabet, &pending, &out);
    at += symbol->ipa.size();
  }
  if (out.empty()) return InvalidArgument("no phonemes");
  const auto full = std::find_if(out.begin(), out.end(),
                                 [](StressedPhoneme p) { return IsVowel(p.id) && !IsReduced(p.id); });
  if (!marked && full != out.end()) full->stress = Stress::kPrimary;
  for (StressedPhoneme& phoneme : out) {
    if (IsVowel(phoneme.id)) phoneme = Settle(phoneme);
  }
  return out;
}

std::string FormatIpa(const Pronunciation& word) {
  std::vector<std::string_view> marks(word.size() + 1);
  const auto vowels =
      std::count_if(word.begin(), word.end(), [](StressedPhoneme p) { return IsVowel(p.id); });
  for (size_t i = 0; vowels > 1 && i < word.size(); ++i) {
    if (word[i].stress == Stress::kPrimary) marks[SyllableBegin(word, i)] = kPrimaryMark;
    if (word[i].stress == Stress::kSecondary) marks[SyllableBegin(word, i)] = kSecondaryMark;
  }
  std::string out;
  for (size_t i = 0; i < word.size(); ++i) {
    if (!marks[i].empty()) {
      out += marks[i];
    } else if (i > 0 && WouldMerge(word[i - 1].id, word[i].id)) {
      out += '.';
    }
    out += IpaOf(word[i].id);
  }
  return out;
}

StatusOr<Pronunciation> ParseArpabetOrIpa(std::string_view text) {
  const bool ascii =
      std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  if (!ascii) return ParseIpa(text);
  std::string upper(text);
  for (char& c : upper) {
    if (IsLowerChar(c)) c = static_cast<char>(c - 'a' + 'A');
  }
  return ParseArpabet(upper);
}

}  // namespace m2tts
