#include "core/text/rules/amount.h"

#include <array>

#include "core/text/char_class.h"
#include "core/text/rules/spelling.h"

namespace m2tts {
namespace {

constexpr size_t kMaxGroups = 6;

bool IsDash(char c) {
  return c == '-' || c == kEnDash;
}

size_t DigitsEnd(std::string_view text, size_t at) {
  while (at < text.size() && IsDigitChar(text[at])) ++at;
  return at;
}

// Reads "3", "1,234", "1.5" or ".5" at `*at`; false when there are no digits.
bool ReadPlain(std::string_view text, size_t* at, PlainNumber* number) {
  size_t end = *at;
  while (end < text.size() && (IsDigitChar(text[end]) || (text[end] == ',' && end > *at))) ++end;
  for (const char c : text.substr(*at, end - *at)) {
    if (c != ',') number->whole.push_back(c);
  }
  if (end + 1 < text.size() && text[end] == '.' && IsDigitChar(text[end + 1])) {
    const size_t stop = DigitsEnd(text, end + 1);
    number->fraction = text.substr(end + 1, stop - end - 1);
    end = stop;
  }
  const bool any = end > *at;
  *at = end;
  return any;
}

// Reads "/8" after the digits in [begin, *at) as a fraction's lower part.
bool ReadDenominator(std::string_view text, size_t begin, size_t* at, AmountValue* value) {
  if (*at + 1 >= text.size() || text[*at] != '/' || !IsDigitChar(text[*at + 1])) return false;
  const size_t end = DigitsEnd(text, *at + 1);
  value->top = text.substr(begin, *at - begin);
  value->bottom = text.substr(*at + 1, end - *at - 1);
  if (value->top.size() > 3 || value->bottom.size() > 4 || value->bottom[0] == '0') return false;
  *at = end;
  return true;
}

bool IsProper(std::string_view top, std::string_view bottom) {
  return top.size() < bottom.size() || (top.size() == bottom.size() && top < bottom);
}

// One value at `*at` of `text`.
bool ReadValue(std::string_view text, size_t* at, AmountValue* value) {
  const size_t begin = *at;
  if (!ReadPlain(text, at, &value->number)) return false;
  if (!value->number.fraction.empty() || *at >= text.size()) return true;
  if (text[*at] == '/') {
    if (!ReadDenominator(text, begin, at, value)) return false;
    value->number = {};
    return true;
  }
  // "2-1/2"
  if (text[*at] != '-') return true;
  const size_t top = *at + 1;
  size_t end = DigitsEnd(text, top);
  AmountValue fraction;
  if (end == top || !ReadDenominator(text, top, &end, &fraction)) return true;
  if (!IsProper(fraction.top, fraction.bottom)) return true;
  value->top = fraction.top;
  value->bottom = fraction.bottom;
  *at = end;
  return true;
}

bool IsGroup(const RuleInput& in, size_t i) {
  return in.Is(i, TokenKind::kNumber) && in.At(i).text.size() == 3 && AllDigits(in.At(i).text);
}

// "1 234 567" and "1'234'567" go on over several tokens. Two groups of digits may be anything
// ("room 12 345"), so one group alone counts only when it is "000".
size_t ReadSpacedGroups(const RuleInput& in, size_t i, PlainNumber* number) {
  if (number->whole.empty() || number->whole.size() > 3 || number->whole[0] == '0') return 0;
  const bool quote = in.IsMark(i, '\'') && in.Glued(i);
  const size_t step = quote ? 2 : 1;
  size_t groups = 0;
  while (groups < kMaxGroups) {
    const size_t at = i + groups * step;
    if (quote && !(in.IsMark(at, '\'') && in.Glued(at) && in.Glued(at + 1))) break;
    if (!IsGroup(in, at + step - 1)) break;
    ++groups;
  }
  if (groups == 0 || (groups == 1 && !quote && in.At(i).text != "000")) return 0;
  for (size_t g = 0; g < groups; ++g) number->whole += in.At(i + g * step + step - 1).text;
  return groups * step;
}

struct Magnitude {
  std::string_view written;
  const char* spoken;
};

constexpr std::array<Magnitude, 11> kMagnitudes = {{{"hundred", "hundred"},
                                                    {"thousand", "thousand"},
                                                    {"million", "million"},
                                                    {"billion", "billion"},
                                                    {"trillion", "trillion"},
                                                    {"quadrillion", "quadrillion"},
                                                    {"mn", "million"},
                                                    {"mln", "million"},
                                                    {"bn", "billion"},
                                                    {"bln", "billion"},
                                                    {"tn", "trillion"}}};

}  // namespace

bool ReadAmount(const RuleInput& in, size_t i, Amount* amount) {
  if (!in.Is(i, TokenKind::kNumber)) return false;
  const std::string_view text = in.At(i).text;
  size_t at = 0;
  if (!ReadValue(text, &at, &amount->value)) return false;
  amount->used = 1;
  if (at == text.size() && !amount->value.IsFraction() && amount->value.number.fraction.empty()) {
    // "2 1/2"
    const std::string_view next = in.At(i + 1).text;
    AmountValue fraction;
    size_t end = 0;
    if (in.Is(i + 1, TokenKind::kNumber) && next.size() >= 3 && next.size() <= 16 &&
        next.find('/') != std::string_view::npos && ReadValue(next, &end, &fraction) &&
        fraction.IsFraction() && !fraction.HasNumber() && IsProper(fraction.top, fraction.bottom) &&
        next.find('/', end) == std::string_view::npos) {
      amount->value.top = fraction.top;
      amount->value.bottom = fraction.bottom;
      amount->trailer = next.substr(end);
      amount->used = 2;
    } else {
      amount->used += ReadSpacedGroups(in, i + 1, &amount->value.number);
    }
  } else {
    if (at + 1 < text.size() && IsDash(text[at]) && IsDigitChar(text[at + 1])) {
      amount->from = amount->value;
      amount->value = {};
      amount->range = true;
      ++at;
      if (!ReadValue(text, &at, &amount->value)) return false;
    }
    amount->trailer = text.substr(at);
  }
  if (amount->trailer.empty()) return true;
  amount->hyphen = amount->trailer[0] == '-' && amount->trailer.size() > 1;
  if (amount->hyphen) amount->trailer.remove_prefix(1);
  for (const char c : amount->trailer) {
    if (!IsAlphaChar(c) && !(c == '-' && amount->hyphen) && !IsDigitChar(c)) return false;
  }
  return IsAlphaChar(amount->trailer[0]);
}

bool IsPressure(std::string_view top, std::string_view bottom) {
  return bottom.size() == 2 && bottom >= "20" && top != bottom && !IsProper(top, bottom);
}

void SayFraction(std::string_view top, std::string_view bottom, SpokenList* out) {
  out->Cardinal(top);
  if (bottom == "1" || IsPressure(top, bottom)) {
    out->Word("over");
    out->Cardinal(bottom);
    return;
  }
  WordList words;
  AppendDenominator(bottom, top == "1", &words);
  out->Words(words);
}

void SayValue(const AmountValue& value, SpokenList* out) {
  if (value.HasNumber()) SayPlainNumber(value.number, out);
  if (!value.IsFraction()) return;
  if (value.HasNumber()) {
    out->Word("and");
    if (value.top == "1" && (value.bottom == "2" || value.bottom == "4")) {
      out->Words(value.bottom == "2" ? "a half" : "a quarter");
      return;
    }
  }
  SayFraction(value.top, value.bottom, out);
}

void SayAmount(const Amount& amount, SpokenList* out) {
  if (amount.range) {
    SayValue(amount.from, out);
    out->Word("to");
  }
  SayValue(amount.value, out);
}

bool IsSingular(const AmountValue& value) {
  if (value.IsFraction()) return !value.HasNumber() && IsProper(value.top, value.bottom);
  return IsOne(value.number);
}

bool Grows(const PlainNumber& from, const PlainNumber& to) {
  if (from.whole.size() != to.whole.size()) return from.whole.size() < to.whole.size();
  return from.whole != to.whole ? from.whole < to.whole : from.fraction < to.fraction;
}

const char* MagnitudeWord(std::string_view word) {
  if (word.size() < 2 || word.size() > 11) return nullptr;
  for (const Magnitude& magnitude : kMagnitudes) {
    if (EqualsIgnoreCase(word, magnitude.written)) return magnitude.spoken;
  }
  return nullptr;
}

void SayHyphenWords(std::string_view words, const RuleInput& in, SpokenList* out) {
  while (!words.empty()) {
    const size_t end = std::min(words.find('-'), words.size());
    const std::string_view part = words.substr(0, end);
    if (AllAlpha(part)) {
      SayPart(part, in, out);
    } else if (!part.empty()) {
      SaySerial(part, in, out);
    }
    words.remove_prefix(std::min(words.size(), end + 1));
  }
}

}  // namespace m2tts
