// Dates in all common forms.
//
//   date    := month day [","] [year] | ["the"] day ["of"] month [","] [year] | month year
//            | mm "/" dd ["/" year] | dd ("." | "-") mm ("." | "-") yyyy | yyyy "-" mm "-" dd
//   day     := dd | dd "st" | dd dash dd         ("July 4-6")
//   year    := dddd | dd | "'" dd
//
// "July 25, 2012" -> "july twenty fifth twenty twelve"; "25 July" -> "the twenty fifth of
// july". Numbers alone are month first unless the style says otherwise or one is above 12,
// which makes the other the month. "7/4" needs company ("on 7/4"), or it is a fraction.
#include <array>

#include "core/text/abbreviation.h"
#include "core/text/char_class.h"
#include "core/text/rules.h"
#include "core/text/rules/clock.h"

namespace m2tts {
namespace {

constexpr std::array<const char*, 12> kMonths = {"january",   "february", "march",    "april",
                                                 "may",       "june",     "july",     "august",
                                                 "september", "october",  "november", "december"};

int Value(std::string_view digits) {
  int n = 0;
  for (const char c : digits) n = n * 10 + (c - '0');
  return n;
}

bool IsDay(std::string_view digits) {
  return AllDigits(digits) && digits.size() <= 2 && Value(digits) >= 1 && Value(digits) <= 31;
}

bool IsMonthDigits(std::string_view digits) {
  return AllDigits(digits) && digits.size() <= 2 && Value(digits) >= 1 && Value(digits) <= 12;
}

// The digits of a year token after a date: "2012", "'99"; empty when it is none.
std::string_view YearDigits(const RuleInput& in, size_t i) {
  if (!in.Is(i, TokenKind::kNumber)) return {};
  std::string_view text = in.At(i).text;
  if (text[0] == '\'' && text.size() == 3 && AllDigits(text.substr(1))) return text.substr(1);
  return text.size() == 4 && AllDigits(text) && text[0] != '0' ? text : std::string_view();
}

// The days of "25", "25th", "4-6" and "4th-6th"; `last` is empty when there is one only.
struct Days {
  std::string_view first;
  std::string_view last;
};

std::string_view WithoutOrdinalEnd(std::string_view text) {
  if (text.size() < 3) return text;
  const std::string_view suffix = text.substr(text.size() - 2);
  for (const std::string_view end : {"st", "nd", "rd", "th"}) {
    if (EqualsIgnoreCase(suffix, end)) return text.substr(0, text.size() - 2);
  }
  return text;
}

bool ReadDays(const RuleInput& in, size_t i, Days* days) {
  if (!in.Is(i, TokenKind::kNumber)) return false;
  const std::string_view text = in.At(i).text;
  if (text.size() > 9) return false;
  const size_t dash = text.find_first_of("-\x81");
  days->first = WithoutOrdinalEnd(text.substr(0, dash));
  if (!IsDay(days->first)) return false;
  if (dash == std::string_view::npos) return true;
  days->last = WithoutOrdinalEnd(text.substr(dash + 1));
  return IsDay(days->last);
}

void SayYear(std::string_view digits, SpokenList* out) {
  if (digits.size() == 4) {
    out->Year(digits);
  } else {
    if (digits[0] == '0') out->Word("zero");
    if (digits != "00") out->Cardinal(digits);
    if (digits == "00") out->Word("zero");
  }
}

// A year at `at`, after an optional comma; the tokens read.
size_t SayYearAfter(const RuleInput& in, size_t at, SpokenList* out) {
  const size_t comma = in.IsMark(at, ',') ? 1 : 0;
  const std::string_view year = YearDigits(in, at + comma);
  if (year.empty()) return 0;
  SayYear(year, out);
  return comma + 1;
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

// "7/25/2012", "2012-07-25", "25.07.2012": three numbers with the same mark between.
struct NumericDate {
  std::string_view month;
  std::string_view day;
  std::string_view year;
  bool day_first = false;
};

bool ReadNumericDate(std::string_view text, bool day_first, NumericDate* date) {
  const size_t first = text.find_first_of("/-.");
  if (first == std::string_view::npos || first == 0 || first > 4) return false;
  const char mark = text[first];
  const size_t second = text.find(mark, first + 1);
  if (second == std::string_view::npos || second - first > 3) return false;
  const std::string_view a = text.substr(0, first);
  const std::string_view b = text.substr(first + 1, second - first - 1);
  const std::string_view c = text.substr(second + 1);
  if (!AllDigits(a) || !AllDigits(b) || !AllDigits(c)) return false;
  if (a.size() == 4) {  // ISO order
    *date = {b, c, a, false};
    return IsMonthDigits(b) && IsDay(c) && mark != '.';
  }
  if (c.size() != 4 && !(c.size() == 2 && mark == '/')) return false;
  if (a.size() > 2 || b.size() > 2) return false;
  date->year = c;
  date->day_first = Value(a) > 12 || (day_first && Value(b) <= 12);
  date->day = date->day_first ? a : b;
  date->month = date->day_first ? b : a;
  return IsDay(date->day) && IsMonthDigits(date->month);
}

void SayNumericDate(const NumericDate& date, SpokenList* out) {
  if (date.day_first) {
    SayDayMonth({date.day, {}}, Value(date.month), true, out);
  } else {
    SayMonthDay(Value(date.month), {date.day, {}}, out);
  }
  if (!date.year.empty()) SayYear(date.year, out);
}

// Words before which "7/4" is a day, not a fraction.
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

// "10/06", "7/4" without a year.
bool ReadMonthAndDay(std::string_view text, const RuleInput& in, size_t i, NumericDate* date) {
  const size_t slash = text.find('/');
  if (slash == std::string_view::npos || text.size() > 5) return false;
  const std::string_view a = text.substr(0, slash);
  const std::string_view b = text.substr(slash + 1);
  if (!AllDigits(a) || !AllDigits(b) || (a == "9" && b == "11")) return false;
  if (a[0] != '0' && b[0] != '0' && !IsBeforeDate(in, i)) return false;
  const bool day_first =
      Value(a) > 12 || (in.style.date_order == TextStyle::DateOrder::kDayFirst && Value(b) <= 12);
  *date = {day_first ? b : a, day_first ? a : b, {}, day_first};
  return IsMonthDigits(date->month) && IsDay(date->day);
}

// One token that is a date in digits, perhaps with a time ("2012-07-25T10:30") or to another
// date ("10/06-10/08").
size_t DigitsOnly(const RuleInput& in, size_t i, SpokenList* out) {
  const std::string_view text = in.At(i).text;
  if (text.size() < 3 || text.size() > 24 || text.find_first_of("/-.\x81") == std::string_view::npos)
    return 0;
  const bool day_first = in.style.date_order == TextStyle::DateOrder::kDayFirst;
  NumericDate date;
  if (ReadNumericDate(text, day_first, &date) || ReadMonthAndDay(text, in, i, &date)) {
    SayNumericDate(date, out);
    return 1;
  }
  if (text.size() > 15 && text[10] == 'T' && ReadNumericDate(text.substr(0, 10), day_first, &date)) {
    const size_t mark = out->items.size();
    SayNumericDate(date, out);
    if (SayClock(text.substr(11, 5), false, out)) return 1;
    out->items.resize(mark);
    return 0;
  }
  const size_t slash = text.find('/');
  if (slash == std::string_view::npos) return 0;
  // "07/2012"
  const std::string_view right = text.substr(slash + 1);
  if (slash <= 2 && right.size() == 4 && AllDigits(right) &&
      (right.substr(0, 2) == "19" || right.substr(0, 2) == "20") && IsMonthDigits(text.substr(0, slash))) {
    out->Word(MonthName(Value(text.substr(0, slash))));
    SayYear(right, out);
    return 1;
  }
  const size_t dash = text.find_first_of("-\x81");
  NumericDate to;
  if (dash == std::string_view::npos || dash < 3) return 0;
  const std::string_view left = text.substr(0, dash);
  const std::string_view rest = text.substr(dash + 1);
  if (rest.find('/') == std::string_view::npos) return 0;
  if (!ReadNumericDate(left, day_first, &date) && !ReadMonthAndDay(left, in, i, &date)) return 0;
  if (!ReadNumericDate(rest, day_first, &to) && !ReadMonthAndDay(rest, in, i, &to)) return 0;
  SayNumericDate(date, out);
  out->Word("to");
  SayNumericDate(to, out);
  return 1;
}

// "Jan-15-2020", "15-Jan-2020", "Jan-15".
size_t WithHyphens(std::string_view text, SpokenList* out) {
  const size_t first = text.find('-');
  if (first == std::string_view::npos || first < 1 || text.size() > 17) return 0;
  const std::string_view a = text.substr(0, first);
  std::string_view b = text.substr(first + 1);
  std::string_view year;
  if (const size_t second = b.find('-'); second != std::string_view::npos) {
    year = b.substr(second + 1);
    b = b.substr(0, second);
    if (!AllDigits(year) || (year.size() != 4 && year.size() != 2)) return 0;
  }
  if (IsDay(b) && IsUpperChar(a[0]) && MonthNumber(a) > 0) {
    SayMonthDay(MonthNumber(a), {b, {}}, out);
  } else if (IsDay(a) && !b.empty() && IsUpperChar(b[0]) && MonthNumber(b) > 0) {
    SayDayMonth({a, {}}, MonthNumber(b), true, out);
  } else {
    return 0;
  }
  if (!year.empty()) SayYear(year, out);
  return 1;
}

// The month named by token `i`. In small letters "may" and "march" are verbs unless a year
// follows at `year` or a word like "on" stands before.
int MonthAt(const RuleInput& in, size_t i, size_t year) {
  const std::string_view text = in.At(i).text;
  if (!in.Is(i, TokenKind::kWord) || text.size() < 3 || text.size() > 9) return 0;
  const int month = MonthNumber(text);
  if (month == 0 || IsUpperChar(text[0])) return month;
  const bool verb = (month == 3 || month == 5) && !(i > 0 && IsBeforeDate(in, i));
  return verb && YearDigits(in, in.IsMark(year, ',') ? year + 1 : year).empty() ? 0 : month;
}

size_t MonthFirst(const RuleInput& in, size_t i, SpokenList* out) {
  const std::string_view text = in.At(i).text;
  if (text.find('-') != std::string_view::npos) return IsUpperChar(text[0]) ? WithHyphens(text, out) : 0;
  const int month = MonthAt(in, i, i + 2);
  if (month == 0) return 0;
  Days days;
  // "May 5 people come?" is rarer than a day; but "June 10:30" and "March 5,000" are none.
  if (ReadDays(in, i + 1, &days)) {
    if (in.IsMark(i + 2, '%')) return 0;
    SayMonthDay(month, days, out);
    return 2 + SayYearAfter(in, i + 2, out);
  }
  const std::string_view year = YearDigits(in, i + 1);
  if (!year.empty()) {
    out->Word(MonthName(month));
    SayYear(year, out);
    return 2;
  }
  // "July, 1954"
  if (in.IsMark(i + 1, ',') && !YearDigits(in, i + 2).empty() && YearDigits(in, i + 2).size() == 4 &&
      YearDigits(in, i + 2) < "2100") {
    out->Word(MonthName(month));
    return 1 + SayYearAfter(in, i + 1, out);
  }
  return 0;
}

size_t DayFirst(const RuleInput& in, size_t i, SpokenList* out) {
  Days days;
  if (in.At(i).text.size() > 4 && WithHyphens(in.At(i).text, out) != 0) return 1;
  if (!in.Is(i + 1, TokenKind::kWord) || !ReadDays(in, i, &days)) return 0;
  const bool of = EqualsIgnoreCase(in.At(i + 1).text, "of");
  const size_t at = i + (of ? 2 : 1);
  const int month = MonthAt(in, at, at + 1);
  if (month == 0) return 0;
  const bool the = i == 0 || !EqualsIgnoreCase(in.At(i - 1).text, "the");
  const bool ordinal = IsAlphaChar(in.At(i).text.back());
  SayDayMonth(days, month, the && !(of && ordinal), out);
  return at + 1 - i + SayYearAfter(in, at + 1, out);
}

}  // namespace

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

size_t DateRule(const RuleInput& in, size_t i, SpokenList* out) {
  if (in.Is(i, TokenKind::kWord)) return MonthFirst(in, i, out);
  if (!in.Is(i, TokenKind::kNumber)) return 0;
  if (const size_t used = DigitsOnly(in, i, out); used != 0) return used;
  return DayFirst(in, i, out);
}

}  // namespace m2tts
