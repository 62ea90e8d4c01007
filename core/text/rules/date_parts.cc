#include "core/text/rules/date_parts.h"

#include <array>

#include "core/text/char_class.h"

namespace m2tts {
namespace {

constexpr std::array<const char*, 12> kMonths = {"january",   "february", "march",    "april",
                                                 "may",       "june",     "july",     "august",
                                                 "september", "october",  "november", "december"};

}  // namespace

int DigitsValue(std::string_view digits) {
  int n = 0;
  for (const char c : digits) n = n * 10 + (c - '0');
  return n;
}

bool IsDay(std::string_view digits) {
  return AllDigits(digits) && digits.size() <= 2 && DigitsValue(digits) >= 1 && DigitsValue(digits) <= 31;
}

bool IsMonthDigits(std::string_view digits) {
  return AllDigits(digits) && digits.size() <= 2 && DigitsValue(digits) >= 1 && DigitsValue(digits) <= 12;
}

void SayDateYear(std::string_view digits, SpokenList* out) {
  if (digits.size() == 4) {
    out->Year(digits);
  } else {
    if (digits[0] == '0') out->Word("zero");
    if (digits != "00") out->Cardinal(digits);
    if (digits == "00") out->Word("zero");
  }
}

void SayMonthDay(int month, const Days& days, SpokenList* out) {
  out->Word(MonthName(month));
  out->Ordinal(days.first);
  if (!days.last.empty()) {
    out->Word("to");
    out->Ordinal(days.last);
  }
}

void SayDayMonth(const Days& days, int month, bool the, SpokenList* out) {
  if (the) out->Word("the");
  out->Ordinal(days.first);
  if (!days.last.empty()) {
    out->Words("to the");
    out->Ordinal(days.last);
  }
  out->Word("of");
  out->Word(MonthName(month));
}

bool IsBeforeDate(const RuleInput& in, size_t i) {
  if (i == 0) return false;
  const size_t at = in.IsMark(i - 1, ',') && i > 1 ? i - 2 : i - 1;
  std::string_view word = in.At(at).text;
  if (word.size() > 1 && word.back() == '.') word.remove_suffix(1);
  // "from 10/6 to 10/12"
  if ((word == "to" || word == "and") && at >= 2) {
    const std::string_view first = in.At(at - 2).text;
    if (EqualsIgnoreCase(first, "from") || EqualsIgnoreCase(first, "between")) return true;
  }
  for (const std::string_view before :
       {"on",       "by",     "until", "till",    "from",    "since",     "before",   "after",
        "due",      "date",   "dated", "monday",  "tuesday", "wednesday", "thursday", "friday",
        "saturday", "sunday", "mon",   "tue",     "tues",    "wed",       "thu",      "thurs",
        "fri",      "sat",    "sun",   "through", "thru",    "starting",  "expires",  "exp"}) {
    if (EqualsIgnoreCase(word, before)) return true;
  }
  return false;
}

const char* MonthName(int month) {
  return kMonths[static_cast<size_t>(month - 1)];
}

int MonthNumber(std::string_view word) {
  if (!word.empty() && word.back() == '.') word.remove_suffix(1);
  if (word.size() < 3) return 0;
  for (size_t m = 0; m < kMonths.size(); ++m) {
    const std::string_view name = kMonths[m];
    if (ToLowerChar(word[0]) != name[0]) continue;
    if (EqualsIgnoreCase(word, name)) return static_cast<int>(m) + 1;
    if (name.size() > 3 && word.size() <= 4 && EqualsIgnoreCase(word, name.substr(0, word.size())) &&
        (word.size() == 3 || EqualsIgnoreCase(word, "sept"))) {
      return static_cast<int>(m) + 1;
    }
  }
  return 0;
}

}  // namespace m2tts
