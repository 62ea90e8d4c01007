// Ranges and scores: two amounts with a dash or colon between, in one token or in three.
//
//   range  := amount dash amount          "3-5", "10:30 - 11:30", "$100-$200", "5%-10%"
//   score  := number (dash | ":") number  "won 3-1", "a 3:1 ratio", "21-14"
//
// Both are said with "to". Not: "50-50" and "20-20" (no word between), a record of three or
// more ("10-2-1"), "747-400" (a serial), "5-3=2" (minus).
// Years are YearRule's and come before.
#include "core/text/char_class.h"
#include "core/text/rules.h"
#include "core/text/rules/amount.h"
#include "core/text/rules/currency_table.h"
#include "core/text/rules/unit_table.h"
#include "core/text/rules/year.h"

namespace m2tts {
namespace {

bool EndsAmount(const RuleInput& in, size_t i) {
  const Token& token = in.At(i);
  switch (token.kind) {
    case TokenKind::kNumber:
      return true;
    case TokenKind::kSymbol: {
      const char sign = token.text[0];
      return sign == '%' || sign == kDegree || sign == kCent || sign == '"' || sign == '\'' ||
             CurrencyOfSign(sign) != nullptr;
    }
    case TokenKind::kWord: {
      if (i == 0 ||
          !(in.Is(i - 1, TokenKind::kNumber) || in.IsMark(i - 1, kDegree) || in.IsMark(i - 1, kMicro)))
        return false;
      if (FindUnit(token.text) != nullptr || MagnitudeWord(token.text) != nullptr) return true;
      const char last = ToLowerChar(token.text[0]);
      return (last == 'a' || last == 'p' || last == 'c' || last == 'f') && token.text.size() <= 4 &&
             !AllDigits(token.text) &&
             (token.text.size() == 1 ||
              ToLowerChar(token.text[token.text.size() - (token.text.back() == '.' ? 2 : 1)]) == 'm');
    }
    default:
      return false;
  }
}

bool StartsAmount(const RuleInput& in, size_t i) {
  if (in.Is(i, TokenKind::kNumber)) return true;
  const Token& token = in.At(i);
  if (token.kind == TokenKind::kSymbol) {
    return in.Is(i + 1, TokenKind::kNumber) && CurrencyOfSign(token.text[0]) != nullptr;
  }
  return token.kind == TokenKind::kWord && in.IsMark(i + 1, '$') && in.Glued(i + 1) &&
         CurrencyOfPrefix(token.text) != nullptr;
}

// The dash after a year: "2020 – present", "Jan 2020 – Mar 2021".
size_t DashAfterYear(const RuleInput& in, size_t i, SpokenList* out) {
  if (i == 0 || in.IsMark(i, kEmDash) || !IsYear(in.At(i - 1).text) || !in.Is(i + 1, TokenKind::kWord))
    return 0;
  const std::string_view next = in.At(i + 1).text;
  // "2020 – now we know" begins a clause.
  const bool ends = in.Glued(i + 1) || !in.Is(i + 2, TokenKind::kWord);
  const bool now = EqualsIgnoreCase(next, "present") || (ends && (next == "now" || next == "today"));
  const bool month = in.IsCapitalized(i + 1) && MonthNumber(next) > 0 && in.Is(i + 2, TokenKind::kNumber);
  if (!now && !month) return 0;
  out->Word("to");
  return 1;
}

// The dash between two amounts as a token of its own.
size_t DashBetween(const RuleInput& in, size_t i, SpokenList* out) {
  if (i == 0 || !EndsAmount(in, i - 1) || !StartsAmount(in, i + 1)) return 0;
  const char dash = in.At(i).text[0];
  const bool tight = in.Glued(i) && in.Glued(i + 1);
  if (dash == kEmDash && !tight) return 0;
  // "5 -3" is a minus.
  if (in.Is(i, TokenKind::kSymbol) && !in.Glued(i)) return 0;
  // "in 2010 - 12 people": a year and something else.
  if (!tight && IsYear(in.At(i - 1).text) && in.Is(i + 1, TokenKind::kNumber) && !IsYear(in.At(i + 1).text))
    return 0;
  out->Word("to");
  return 1;
}

// "747-400", "737-800": a serial, and neither a range nor the score of a game.
bool IsAirliner(std::string_view from, std::string_view to) {
  return from.size() == 3 && to.size() == 3 && from[0] == '7' && from[2] == '7' && to.substr(1) == "00";
}

bool IsIdentical(const PlainNumber& from, const PlainNumber& to) {
  return from.whole == to.whole && from.fraction.empty() && to.fraction.empty() && from.whole.size() == 2;
}

// "3:1"; times have two digits after the colon and come before.
bool SayRatio(std::string_view text, SpokenList* out) {
  const size_t colon = text.find(':');
  if (colon == std::string_view::npos) return false;
  size_t begin = 0;
  for (size_t parts = 0; begin <= text.size(); ++parts) {
    const size_t end = std::min(text.find(':', begin), text.size());
    PlainNumber number;
    if (!ParsePlainNumber(text.substr(begin, end - begin), &number)) return false;
    begin = end + 1;
    if (parts > 3) return false;
  }
  for (begin = 0; begin <= text.size();) {
    const size_t end = std::min(text.find(':', begin), text.size());
    PlainNumber number;
    ParsePlainNumber(text.substr(begin, end - begin), &number);
    if (begin > 0) out->Word("to");
    SayPlainNumber(number, out);
    begin = end + 1;
  }
  return true;
}

// "10-2-1", "9-1-1": three or more numbers, each on its own.
bool SayRecord(std::string_view text, SpokenList* out) {
  size_t parts = 1;
  for (const char c : text) {
    if (c == '-') {
      ++parts;
    } else if (!IsDigitChar(c)) {
      return false;
    }
  }
  if (parts < 3) return false;
  for (size_t begin = 0; begin <= text.size();) {
    const size_t end = std::min(text.find('-', begin), text.size());
    const std::string_view digits = text.substr(begin, end - begin);
    if (digits.size() > 2 || (digits.size() > 1 && digits[0] == '0')) {
      out->Digits(digits);
    } else {
      out->Cardinal(digits);
    }
    begin = end + 1;
  }
  return true;
}

}  // namespace

size_t RangeRule(const RuleInput& in, size_t i, SpokenList* out) {
  const Token& token = in.At(i);
  if (token.kind == TokenKind::kPause || token.kind == TokenKind::kSymbol) {
    const char sign = token.text[0];
    if ((sign != '-' && sign != kEnDash && sign != kEmDash) || token.text.size() > 1) return 0;
    const size_t used = DashBetween(in, i, out);
    return used != 0 ? used : DashAfterYear(in, i, out);
  }
  if (token.kind != TokenKind::kNumber || token.text.size() < 3) return 0;
  if (token.text.find_first_of("-:\x81") == std::string_view::npos) return 0;
  if (SayRatio(token.text, out) || SayRecord(token.text, out)) return 1;
  Amount amount;
  if (!ReadAmount(in, i, &amount) || !amount.range || !amount.trailer.empty()) return 0;
  const PlainNumber& from = amount.from.number;
  const PlainNumber& to = amount.value.number;
  if (in.IsMark(i + 1, '=')) {
    SayValue(amount.from, out);
    out->Word("minus");
    SayValue(amount.value, out);
    return amount.used;
  }
  if (IsIdentical(from, to) && (from.whole == "50" || from.whole == "20")) {
    SayValue(amount.from, out);
    SayValue(amount.value, out);
    return amount.used;
  }
  if (IsAirliner(from.whole, to.whole)) return 0;
  if (!Grows(from, to) && from.fraction.empty() && to.fraction.empty()) {
    if (IsYear(from.whole) && IsYear(to.whole)) {
      out->Year(from.whole);
      out->Word("to");
      out->Year(to.whole);
      return amount.used;
    }
  }
  SayAmount(amount, out);
  return amount.used;
}

}  // namespace m2tts
