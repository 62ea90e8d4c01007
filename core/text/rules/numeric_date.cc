// Dates in digits alone.
//
//   date := mm "/" dd ["/" year] | dd ("." | "-") mm ("." | "-") yyyy | yyyy "-" mm "-" dd
//         | mm "/" yyyy | date dash date | date "T" time
//
// Month first unless the style says otherwise or a number is above 12, which makes the other
// the month. "7/4" needs company ("on 7/4") or a leading zero, or it is a fraction.
#include "core/text/char_class.h"
#include "core/text/rules/clock.h"
#include "core/text/rules/date_parts.h"

namespace m2tts {
namespace {

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
  date->day_first = DigitsValue(a) > 12 || (day_first && DigitsValue(b) <= 12);
  date->day = date->day_first ? a : b;
  date->month = date->day_first ? b : a;
  return IsDay(date->day) && IsMonthDigits(date->month);
}

void Say(const NumericDate& date, SpokenList* out) {
  if (date.day_first) {
    SayDayMonth({date.day, {}}, DigitsValue(date.month), true, out);
  } else {
    SayMonthDay(DigitsValue(date.month), {date.day, {}}, out);
  }
  if (!date.year.empty()) SayDateYear(date.year, out);
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
      DigitsValue(a) > 12 || (in.style.date_order == TextStyle::DateOrder::kDayFirst && DigitsValue(b) <= 12);
  *date = {day_first ? b : a, day_first ? a : b, {}, day_first};
  return IsMonthDigits(date->month) && IsDay(date->day);
}

}  // namespace

// One token that is a date in digits, perhaps with a time ("2012-07-25T10:30") or to another
// date ("10/06-10/08").
size_t SayNumericDate(const RuleInput& in, size_t i, SpokenList* out) {
  const std::string_view text = in.At(i).text;
  if (text.size() < 3 || text.size() > 24 || text.find_first_of("/-.\x81") == std::string_view::npos)
    return 0;
  const bool day_first = in.style.date_order == TextStyle::DateOrder::kDayFirst;
  NumericDate date;
  if (ReadNumericDate(text, day_first, &date) || ReadMonthAndDay(text, in, i, &date)) {
    Say(date, out);
    return 1;
  }
  if (text.size() > 15 && text[10] == 'T' && ReadNumericDate(text.substr(0, 10), day_first, &date)) {
    const size_t mark = out->items.size();
    Say(date, out);
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
    out->Word(MonthName(DigitsValue(text.substr(0, slash))));
    SayDateYear(right, out);
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
  Say(date, out);
  out->Word("to");
  Say(to, out);
  return 1;
}

}  // namespace m2tts
