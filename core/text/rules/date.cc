// Dates with the month in words; those in digits are numeric_date.cc's.
//
//   date    := month day [","] [year] | ["the"] day ["of"] month [","] [year] | month year
//            | month "-" dd ["-" year] | dd "-" month ["-" year]
//   day     := dd | dd "st" | dd dash dd         ("July 4-6")
//   year    := dddd | "'" dd
//
// "July 25, 2012" -> "july twenty fifth twenty twelve"; "25 July" -> "the twenty fifth of july".
#include "core/text/char_class.h"
#include "core/text/rules.h"
#include "core/text/rules/date_parts.h"

namespace m2tts {
namespace {

// The digits of a year token after a date: "2012", "'99"; empty when it is none.
std::string_view YearDigits(const RuleInput& in, size_t i) {
  if (!in.Is(i, TokenKind::kNumber)) return {};
  std::string_view text = in.At(i).text;
  if (text[0] == '\'' && text.size() == 3 && AllDigits(text.substr(1))) return text.substr(1);
  return text.size() == 4 && AllDigits(text) && text[0] != '0' ? text : std::string_view();
}

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

// A year at `at`, after an optional comma; the tokens read.
size_t SayYearAfter(const RuleInput& in, size_t at, SpokenList* out) {
  const size_t comma = in.IsMark(at, ',') ? 1 : 0;
  const std::string_view year = YearDigits(in, at + comma);
  if (year.empty()) return 0;
  SayDateYear(year, out);
  return comma + 1;
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
  if (!year.empty()) SayDateYear(year, out);
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
    SayDateYear(year, out);
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

size_t DateRule(const RuleInput& in, size_t i, SpokenList* out) {
  if (in.Is(i, TokenKind::kWord)) return MonthFirst(in, i, out);
  if (!in.Is(i, TokenKind::kNumber)) return 0;
  if (const size_t used = SayNumericDate(in, i, out); used != 0) return used;
  return DayFirst(in, i, out);
}

}  // namespace m2tts
