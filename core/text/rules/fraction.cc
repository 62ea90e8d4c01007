// Fractions: "1/2", "5/8", "3 1/2", "2-1/2", "1/100th", and what only looks like one:
// "24/7", "9/11", "50/50", "20/20", "120/80", "6/8 time", "8/10" as a rating, "10/2 = 5".
#include <array>

#include "core/text/char_class.h"
#include "core/text/rules.h"
#include "core/text/rules/amount.h"

namespace m2tts {
namespace {

bool IsRated(std::string_view word) {
  for (const std::string_view rated : {"rated", "rating", "score", "scored", "gave", "got", "solid"}) {
    if (EqualsIgnoreCase(word, rated)) return true;
  }
  return false;
}

int Value(std::string_view digits) {
  int n = 0;
  for (const char c : digits) n = n * 10 + (c - '0');
  return n;
}

// The word between the two numbers when this is no fraction: "" for none at all, nullptr when
// it is a fraction.
const char* Joint(const RuleInput& in, size_t i, const AmountValue& value) {
  const std::string_view after = in.At(i + 1).text;
  const int top = Value(value.top);
  const int bottom = Value(value.bottom);
  if (in.IsMark(i + 1, '=') && top > bottom) return "divided by";
  if ((top == 9 && bottom == 11) || (top == 24 && bottom == 7)) return "";
  if (top == bottom || after == "time" || after == "vision") return "";
  if (bottom == 10 && i > 0 && (IsRated(in.At(i - 1).text) || IsRated(in.At(i - 2 + (i < 2 ? 1 : 0)).text)))
    return "out of";
  const bool usual = bottom <= 6 || bottom == 8 || bottom == 10 || bottom == 16 || bottom == 32;
  return top > bottom && !usual && !IsPressure(value.top, value.bottom) ? "" : nullptr;
}

bool IsOrdinalEnd(std::string_view trailer) {
  for (const std::string_view end : {"th", "ths", "rd", "rds", "nd", "nds", "st"}) {
    if (trailer == end) return true;
  }
  return false;
}

}  // namespace

size_t FractionRule(const RuleInput& in, size_t i, SpokenList* out) {
  if (!in.Is(i, TokenKind::kNumber)) return 0;
  const bool here = in.At(i).text.find('/') != std::string_view::npos;
  if (!here && (!in.Is(i + 1, TokenKind::kNumber) || in.At(i + 1).text.find('/') == std::string_view::npos))
    return 0;
  Amount amount;
  if (!ReadAmount(in, i, &amount) || !amount.value.IsFraction()) return 0;
  const AmountValue& value = amount.value;
  if (!value.HasNumber() && !amount.range && amount.trailer.empty()) {
    if (const char* const joint = Joint(in, i, value)) {
      out->Cardinal(value.top);
      out->Words(joint);
      out->Cardinal(value.bottom);
      return 1;
    }
  }
  if (!value.HasNumber() && value.top[0] == '0') return 0;
  SayAmount(amount, out);
  if (!amount.trailer.empty() && !IsOrdinalEnd(amount.trailer)) SayHyphenWords(amount.trailer, in, out);
  return amount.used;
}

}  // namespace m2tts
