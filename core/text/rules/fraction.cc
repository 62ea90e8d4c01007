// Fractions: "1/2", "5/8", "3 1/2", "2-1/2", "1/100th", and what only looks like one:
// "24/7", "9/11", "50/50", "20/20", "120/80", "6/8 time", "10/2 = 5", a rating ("4.5/5", "a 9/10",
// "85/100") and a place in a row ("step 2/5").
#include "core/text/char_class.h"
#include "core/text/rules.h"
#include "core/text/rules/amount.h"
#include "core/text/rules/unit_table.h"

namespace m2tts {
namespace {

template <size_t N>
bool In(const std::string_view (&words)[N], std::string_view word) {
  for (const std::string_view known : words) {
    if (EqualsIgnoreCase(word, known)) return true;
  }
  return false;
}

constexpr std::string_view kRated[] = {"rated", "rating", "score", "scored", "gave", "got", "solid"};

// What comes one after the other: "step 2/5".
constexpr std::string_view kInARow[] = {"step",    "page", "part", "slide", "question", "day",
                                        "episode", "week", "lap",  "stage", "chapter",  "lesson"};

// What is parted: "a 3/5 majority" is no rating.
constexpr std::string_view kParted[] = {"of",   "majority", "vote",     "share",  "chance", "stake",
                                        "inch", "scale",    "interest", "length", "size",   "full"};

int Value(std::string_view digits) {
  int n = 0;
  for (const char c : digits) n = n * 10 + (c - '0');
  return n;
}

bool IsRated(const RuleInput& in, size_t i) {
  return i > 0 && (In(kRated, in.At(i - 1).text) || (i > 1 && In(kRated, in.At(i - 2).text)));
}

// "an 8/10", "I give it 9/10", "Quality: 4/5"; of one in five a share is meant as well.
bool IntroducesRating(const RuleInput& in, size_t i, int top) {
  if (i == 0) return false;
  const std::string_view before = in.At(i - 1).text;
  if (before == ":" || before == "it") return true;
  return top > 1 && (EqualsIgnoreCase(before, "a") || EqualsIgnoreCase(before, "an"));
}

bool IsRating(const RuleInput& in, size_t i, int top, int bottom) {
  const std::string_view after = in.At(i + 1).text;
  if (top > bottom || In(kParted, after) || IsUnitWord(after) || IsUnitWord(std::string(after) + "s"))
    return false;
  const bool points = after == "stars" || after == "points";
  const bool said = points || IsRated(in, i) || IntroducesRating(in, i, top);
  if (bottom == 5 || bottom == 10) return said;
  if (bottom < 20 || bottom > 100 || bottom % 5 != 0) return false;
  // "a 50/50 chance" and "a 30/70 split" part a whole.
  const bool split = top + bottom == 100;
  return top == bottom ? said && bottom == 100 : top > 1 && (!split || points || IsRated(in, i));
}

// The word between the two numbers when this is no fraction: "" for none at all, nullptr when
// it is a fraction.
const char* Joint(const RuleInput& in, size_t i, const AmountValue& value) {
  const std::string_view after = in.At(i + 1).text;
  const int top = Value(value.top);
  const int bottom = Value(value.bottom);
  if (in.IsMark(i + 1, '=') && top > bottom) return "divided by";
  if ((top == 9 && bottom == 11) || (top == 24 && bottom == 7)) return "";
  if (after == "time" || after == "vision") return "";
  if (i > 0 && top <= bottom && In(kInARow, in.At(i - 1).text)) return "of";
  if (IsRating(in, i, top, bottom)) return "out of";
  if (top == bottom || (top + bottom == 100 && top >= 10)) return "";
  const bool usual = bottom <= 6 || bottom == 8 || bottom == 10 || bottom == 16 || bottom == 32;
  return top > bottom && !usual && !IsPressure(value.top, value.bottom) ? "" : nullptr;
}

// "4.5/5", "7.25/10": nothing else has a point above the stroke.
bool SayDecimalRating(const RuleInput& in, size_t i, SpokenList* out) {
  const std::string_view text = in.At(i).text;
  const size_t stroke = text.find('/');
  PlainNumber top;
  if (!ParsePlainNumber(text.substr(0, stroke), &top) || top.fraction.empty()) return false;
  const std::string_view bottom = text.substr(stroke + 1);
  if (!AllDigits(bottom) || bottom.size() > 3 || top.whole.size() > 3 || Value(top.whole) >= Value(bottom))
    return false;
  if (in.IsMark(i + 1, '=')) return false;
  SayPlainNumber(top, out);
  out->Words("out of");
  out->Cardinal(bottom);
  return true;
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
  if (here && SayDecimalRating(in, i, out)) return 1;
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
