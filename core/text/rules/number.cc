// Whatever begins with a digit and no other family has read: cardinals ("1,234,567",
// "1 234 567", "-5", "007"), ordinals ("21st"), decimals, numbers with words or letters on
// them ("10-year-old", "20th-century", "3D", "4K", "1.5M views").
#include "core/text/char_class.h"
#include "core/text/rules.h"
#include "core/text/rules/amount.h"
#include "core/text/rules/measure.h"
#include "core/text/rules/spelling.h"
#include "core/text/rules/unit_table.h"
#include "core/text/rules/year.h"

namespace m2tts {
namespace {

// An ungrouped number this long is a code, unless it is round.
constexpr size_t kLongestCount = 10;

// Splits "21st" or "1,000th"; empty when `text` is no ordinal.
std::string_view OrdinalNumber(std::string_view text) {
  if (text.size() < 3 || !IsAlphaChar(text.back())) return {};
  const std::string_view suffix = text.substr(text.size() - 2);
  for (const std::string_view end : {"st", "nd", "rd", "th"}) {
    if (!EqualsIgnoreCase(suffix, end)) continue;
    const std::string_view number = text.substr(0, text.size() - 2);
    for (const char c : number) {
      if (!IsDigitChar(c) && c != ',') return {};
    }
    return number;
  }
  return {};
}

void SayOrdinal(std::string_view number, SpokenList* out) {
  std::string digits;
  for (const char c : number) {
    if (c != ',') digits.push_back(c);
  }
  out->Ordinal(digits);
}

// "20th-century", "1st-class": an ordinal and words after a hyphen.
bool SayOrdinalWords(std::string_view text, const RuleInput& in, SpokenList* out) {
  const size_t hyphen = text.find('-');
  if (hyphen == std::string_view::npos) return false;
  const std::string_view number = OrdinalNumber(text.substr(0, hyphen));
  if (number.empty()) return false;
  SayOrdinal(number, out);
  const std::string_view rest = text.substr(hyphen + 1);
  if (const std::string_view second = OrdinalNumber(rest); !second.empty()) {
    out->Word("to");
    SayOrdinal(second, out);
  } else {
    SayHyphenWords(rest, in, out);
  }
  return true;
}

// "2008-era", "1984-style": the first part is a year.
bool IsYearWord(std::string_view word) {
  for (const std::string_view known :
       {"era", "style", "born", "built", "model", "vintage", "season", "dated"}) {
    if (word == known) return true;
  }
  return false;
}

// "a .38 revolver": what guns and their rounds are called, without the point.
bool IsCaliber(const RuleInput& in, size_t i, std::string_view text) {
  if (text.size() != 3 || text[0] != '.' || !in.Is(i + 1, TokenKind::kWord)) return false;
  for (const std::string_view gun :
       {"caliber", "calibre", "cal", "rifle", "revolver", "pistol", "handgun", "gun", "magnum", "special",
        "bullet", "bullets", "cartridge", "rounds", "shells"}) {
    if (EqualsIgnoreCase(in.At(i + 1).text, gun)) return true;
  }
  return false;
}

void SayWhole(const PlainNumber& number, std::string_view text, SpokenList* out) {
  const bool grouped = text.find(',') != std::string_view::npos;
  const bool round = number.whole.size() >= 3 && number.whole.substr(number.whole.size() - 3) == "000";
  if (number.fraction.empty() && number.whole.size() >= kLongestCount && text.size() >= kLongestCount &&
      !grouped && !round) {
    out->Digits(number.whole);
  } else {
    SayPlainNumber(number, out);
  }
}

// "a 1080p video": lines of a picture.
bool SayPicture(const Amount& amount, SpokenList* out) {
  const std::string& digits = amount.value.number.whole;
  if (amount.trailer != "p" || digits.size() != 4 || amount.used != 1 || amount.range) return false;
  out->Year(digits);
  out->Letter('p');
  return true;
}

// The letters after the digits: a magnitude before things that are counted, a word, or letters.
size_t SayTrailer(const RuleInput& in, size_t i, const Amount& amount, SpokenList* out) {
  const std::string_view trailer = amount.trailer;
  const size_t next = i + amount.used;
  if (SayPicture(amount, out)) return 1;
  if (amount.hyphen) {
    if (IsYear(in.At(i).text.substr(0, 4)) && !amount.range && IsYearWord(trailer)) {
      out->Year(amount.value.number.whole);
    } else {
      SayAmount(amount, out);
    }
    // "2-D", "7-Eleven", "5-to-10"
    SayHyphenWords(trailer, in, out);
    return amount.used;
  }
  const char* magnitude = trailer == "K" || trailer == "k"    ? "thousand"
                          : trailer == "M" || trailer == "MM" ? "million"
                          : trailer == "B"                    ? "billion"
                                                              : MagnitudeWord(trailer);
  const bool counted = in.Is(next, TokenKind::kWord) && IsPluralNoun(in.At(next).text);
  // "100k" is a sum of something, "10k" and "5k" are runs.
  const bool thousands = (trailer == "k" || trailer == "K") && amount.value.number.whole.size() >= 3;
  if (magnitude != nullptr &&
      (thousands || trailer.size() > 1 || (counted && !IsUnitWord(in.At(next).text)))) {
    SayAmount(amount, out);
    out->Word(magnitude);
    return amount.used;
  }
  if (amount.range || amount.value.IsFraction() || !amount.value.number.fraction.empty() ||
      (trailer.size() >= 3 && AllAlpha(trailer) && !AllUpper(trailer))) {
    SayAmount(amount, out);
    SayHyphenWords(trailer, in, out);
    return amount.used;
  }
  return 0;
}

// "4x4", "3D", "10K", "12A3": digits as a serial says them, letters by name or as a word.
void SayMixed(std::string_view text, const RuleInput& in, SpokenList* out) {
  for (size_t i = 0; i < text.size();) {
    size_t end = i;
    if (IsDigitChar(text[i])) {
      while (end < text.size() && IsDigitChar(text[end])) ++end;
      SaySerial(text.substr(i, end - i), in, out);
    } else if (IsAlphaChar(text[i])) {
      while (end < text.size() && IsAlphaChar(text[end])) ++end;
      const std::string_view letters = text.substr(i, end - i);
      if (letters.size() >= 3 && !AllUpper(letters)) {
        out->Word(ToLower(letters));
      } else {
        out->Letters(letters);
      }
    } else {
      end = i + 1;
      if (text[i] == '.' && end < text.size()) out->Word("point");
      if (text[i] == '/') out->Word("slash");
    }
    i = end;
  }
}

bool IsSign(const RuleInput& in, size_t i) {
  if (!in.Is(i, TokenKind::kSymbol)) return false;
  return in.IsMark(i, '-') || in.IsMark(i, '+') || in.IsMark(i, kPlusMinus);
}

}  // namespace

bool ParsePlainNumber(std::string_view text, PlainNumber* number) {
  *number = {};
  size_t i = 0;
  while (i < text.size() && (IsDigitChar(text[i]) || text[i] == ',')) {
    if (text[i] != ',') number->whole.push_back(text[i]);
    ++i;
  }
  if (i < text.size() && text[i] == '.') {
    number->fraction = text.substr(i + 1);
    return AllDigits(number->fraction);
  }
  return i == text.size() && !number->whole.empty();
}

void SayPlainNumber(const PlainNumber& number, SpokenList* out) {
  if (!number.fraction.empty()) {
    out->Decimal(number.whole, number.fraction);
  } else if (number.whole.size() > 1 && number.whole[0] == '0') {
    out->Digits(number.whole);
  } else {
    out->Cardinal(number.whole);
  }
}

bool IsOne(const PlainNumber& number) {
  return number.whole == "1" && number.fraction.empty();
}

size_t NumberRule(const RuleInput& in, size_t i, SpokenList* out) {
  if (IsSign(in, i) && in.Is(i + 1, TokenKind::kNumber) && in.Glued(i + 1)) {
    out->Words(in.IsMark(i, '-') ? "minus" : in.IsMark(i, '+') ? "plus" : "plus or minus");
    return 1;
  }
  if (!in.Is(i, TokenKind::kNumber)) return 0;
  std::string_view text = in.At(i).text;
  if (const std::string_view number = OrdinalNumber(text); !number.empty()) {
    SayOrdinal(number, out);
    return 1;
  }
  if (IsCaliber(in, i, text)) {
    out->Cardinal(text.substr(1));
    return 1;
  }
  Amount amount;
  if (ReadAmount(in, i, &amount)) {
    if (amount.trailer.empty() && !amount.range && !amount.value.IsFraction()) {
      SayWhole(amount.value.number, amount.used == 1 ? text : std::string_view(), out);
      return amount.used + SayPer(in, i + amount.used, out);
    }
    if (!amount.trailer.empty()) {
      if (const size_t used = SayTrailer(in, i, amount, out); used != 0) return used;
    }
  }
  if (text[0] == '\'') text.remove_prefix(1);
  if (!SayOrdinalWords(text, in, out)) SayMixed(text, in, out);
  return 1;
}

}  // namespace m2tts
