#include "core/text/markup/ipa.h"

#include <algorithm>
#include <array>

#include "core/text/char_class.h"

namespace m2tts {
namespace {

struct Symbol {
  std::string_view ipa;
  std::string_view arpabet;  // symbols without stress, separated by blanks; empty: no sound of its own
};

// Longer ones first where one begins another.
constexpr std::array kSymbols = {
    Symbol{"t͡ʃ", "CH"},  Symbol{"d͡ʒ", "JH"},  Symbol{"tʃ", "CH"},  Symbol{"dʒ", "JH"},  Symbol{"eɪ", "EY"},
    Symbol{"aɪ", "AY"},  Symbol{"ɔɪ", "OY"},  Symbol{"aʊ", "AW"},  Symbol{"oʊ", "OW"},  Symbol{"əʊ", "OW"},
    Symbol{"ɜr", "ER"},  Symbol{"ɜɹ", "ER"},  Symbol{"ər", "AXR"}, Symbol{"əɹ", "AXR"}, Symbol{"n̩", "AX N"},
    Symbol{"l̩", "AX L"}, Symbol{"m̩", "AX M"}, Symbol{"ɑ", "AA"},   Symbol{"ɒ", "AA"},   Symbol{"a", "AA"},
    Symbol{"æ", "AE"},   Symbol{"ʌ", "AH"},   Symbol{"ɐ", "AH"},   Symbol{"ə", "AX"},   Symbol{"ɔ", "AO"},
    Symbol{"ɛ", "EH"},   Symbol{"e", "EH"},   Symbol{"ɝ", "ER"},   Symbol{"ɜ", "ER"},   Symbol{"ɚ", "AXR"},
    Symbol{"ɪ", "IH"},   Symbol{"ᵻ", "IX"},   Symbol{"ɨ", "IX"},   Symbol{"i", "IY"},   Symbol{"o", "OW"},
    Symbol{"ʊ", "UH"},   Symbol{"u", "UW"},   Symbol{"b", "B"},    Symbol{"d", "D"},    Symbol{"ð", "DH"},
    Symbol{"f", "F"},    Symbol{"ɡ", "G"},    Symbol{"g", "G"},    Symbol{"h", "HH"},   Symbol{"k", "K"},
    Symbol{"l", "L"},    Symbol{"ɫ", "L"},    Symbol{"m", "M"},    Symbol{"n", "N"},    Symbol{"ŋ", "NG"},
    Symbol{"p", "P"},    Symbol{"r", "R"},    Symbol{"ɹ", "R"},    Symbol{"s", "S"},    Symbol{"ʃ", "SH"},
    Symbol{"t", "T"},    Symbol{"ɾ", "D"},    Symbol{"θ", "TH"},   Symbol{"v", "V"},    Symbol{"w", "W"},
    Symbol{"ʍ", "W"},    Symbol{"j", "Y"},    Symbol{"z", "Z"},    Symbol{"ʒ", "ZH"},   Symbol{"x", "K"},
    Symbol{"ː", ""},     Symbol{"ˑ", ""},     Symbol{"͡", ""},      Symbol{".", ""},     Symbol{" ", ""},
    Symbol{"ʰ", ""},     Symbol{"ʔ", ""},     Symbol{"̃", ""},      Symbol{"‿", ""},
};

constexpr std::string_view kPrimaryMark = "ˈ";
constexpr std::string_view kSecondaryMark = "ˌ";

bool StartsWith(std::string_view text, std::string_view start) {
  return text.substr(0, start.size()) == start;
}

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

// Reduced vowels are unstressed by their nature, and unstressed full ones of their kind are reduced.
StressedPhoneme Settle(StressedPhoneme phoneme) {
  static const PhonemeId kPairs[3][2] = {{*PhonemeFromSymbol("AX"), *PhonemeFromSymbol("AH")},
                                         {*PhonemeFromSymbol("AXR"), *PhonemeFromSymbol("ER")},
                                         {*PhonemeFromSymbol("IX"), *PhonemeFromSymbol("IH")}};
  for (const auto& pair : kPairs) {
    if (phoneme.id == pair[0]) phoneme.id = pair[1];
  }
  return ReduceIfUnstressed(phoneme.id, phoneme.stress);
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
      size_t end = 1;
      while (end < rest.size() && (static_cast<unsigned char>(rest[end]) & 0xC0) == 0x80) ++end;
      return InvalidArgument("unknown IPA symbol '{}' at byte {}", rest.substr(0, end), at);
    }
    AppendSymbols(symbol->arpabet, &pending, &out);
    at += symbol->ipa.size();
  }
  if (out.empty()) return InvalidArgument("no phonemes");
  const auto vowel = std::find_if(out.begin(), out.end(), [](StressedPhoneme p) { return IsVowel(p.id); });
  if (!marked && vowel != out.end()) vowel->stress = Stress::kPrimary;
  for (StressedPhoneme& phoneme : out) {
    if (IsVowel(phoneme.id)) phoneme = Settle(phoneme);
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
