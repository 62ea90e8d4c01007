// Dates: "July 25, 2012", "25 July 2012", "7/25/2012", "2012-07-25", "Jan. 5th".
#include <array>

#include "core/text/abbreviation.h"
#include "core/text/char_class.h"
#include "core/text/rules.h"

namespace m2tts {
namespace {

constexpr std::array<const char*, 12> kMonths = {"january",   "february", "march",    "april",
                                                 "may",       "june",     "july",     "august",
                                                 "september", "october",  "november", "december"};

bool IsYearToken(const RuleInput& in, size_t i) {
  const std::string_view text = in.At(i).text;
  return in.Is(i, TokenKind::kNumber) && text.size() == 4 && AllDigits(text) && text[0] != '0';
}

// The day of "25", "25th"; empty when it is none.
std::string_view DayDigits(const RuleInput& in, size_t i) {
  if (!in.Is(i, TokenKind::kNumber)) return {};
  std::string_view text = in.At(i).text;
  if (text.size() > 2 && IsAlphaChar(text.back())) {
    const std::string_view suffix = text.substr(text.size() - 2);
    if (suffix != "st" && suffix != "nd" && suffix != "rd" && suffix != "th") return {};
    text.remove_suffix(2);
  }
  if (!AllDigits(text) || text.size() > 2) return {};
  const int day = std::stoi(std::string(text));
  return day >= 1 && day <= 31 ? text : std::string_view();
}

void SayDay(std::string_view digits, SpokenList* out) {
  WordList words;
  AppendOrdinal(digits, &words);
  out->Words(words);
}

void SayYear(std::string_view digits, SpokenList* out) {
  WordList words;
  if (digits.size() == 4) {
    AppendYear(digits, &words);
  } else {
    AppendDigits(digits.substr(0, 1) == "0" ? digits.substr(0, 1) : std::string_view(), &words);
    if (!words.empty()) words.back() = "oh";
    AppendCardinal(digits, &words);
  }
  out->Words(words);
}

// "7/25/2012" or "2012-07-25": three numbers with the same mark between.
bool SayNumericDate(std::string_view text, TextStyle::DateOrder order, SpokenList* out) {
  const char mark = text.find('/') != std::string_view::npos ? '/' : '-';
  const size_t first = text.find(mark);
  if (first == std::string_view::npos) return false;
  const size_t second = text.find(mark, first + 1);
  if (second == std::string_view::npos) return false;
  std::string_view month = text.substr(0, first);
  std::string_view day = text.substr(first + 1, second - first - 1);
  std::string_view year = text.substr(second + 1);
  if (!AllDigits(month) || !AllDigits(day) || !AllDigits(year)) return false;
  const bool iso_order = month.size() == 4;
  if (iso_order) {
    const std::string_view iso_year = month;
    month = day;
    day = year;
    year = iso_year;
  } else if (mark == '-' && year.size() != 4) {
    return false;
  }
  if (month.size() > 2 || day.size() > 2 || (year.size() != 4 && year.size() != 2)) return false;
  if (order == TextStyle::DateOrder::kDayFirst && !iso_order) std::swap(month, day);
  int m = std::stoi(std::string(month));
  int d = std::stoi(std::string(day));
  if (m > 12) {
    std::swap(m, d);
    std::swap(month, day);
  }
  if (m < 1 || m > 12 || d < 1 || d > 31) return false;
  out->Word(MonthName(m));
  SayDay(day, out);
  SayYear(year, out);
  return true;
}

}  // namespace

const char* MonthName(int month) {
  return kMonths[static_cast<size_t>(month - 1)];
}

int MonthNumber(std::string_view word) {
  if (!word.empty() && word.back() == '.') word.remove_suffix(1);
  for (size_t m = 0; m < kMonths.size(); ++m) {
    const std::string_view name = kMonths[m];
    if (EqualsIgnoreCase(word, name)) return static_cast<int>(m) + 1;
    if (name.size() > 3 && word.size() <= 4 && word.size() >= 3 &&
        EqualsIgnoreCase(word, name.substr(0, word.size())) &&
        (word.size() == 3 || EqualsIgnoreCase(word, "sept"))) {
      return static_cast<int>(m) + 1;
    }
  }
  return 0;
}

size_t DateRule(const RuleInput& in, size_t i, SpokenList* out) {
  if (in.Is(i, TokenKind::kNumber) && SayNumericDate(in.At(i).text, in.style.date_order, out)) return 1;
  // "July 25, 2012"; month names are capitalized, or "may" and "march" are verbs.
  if (in.Is(i, TokenKind::kWord) && IsUpperChar(in.At(i).text[0])) {
    const int month = MonthNumber(in.At(i).text);
    if (month == 0) return 0;
    const std::string_view day = DayDigits(in, i + 1);
    if (!day.empty()) {
      out->Word(MonthName(month));
      SayDay(day, out);
      const size_t comma = in.IsMark(i + 2, ',') ? 1 : 0;
      if (!IsYearToken(in, i + 2 + comma)) return 2;
      SayYear(in.At(i + 2 + comma).text, out);
      return 3 + comma;
    }
    if (IsYearToken(in, i + 1)) {
      out->Word(MonthName(month));
      SayYear(in.At(i + 1).text, out);
      return 2;
    }
    return 0;
  }
  // "25 July 2012", "the 4th of July".
  const std::string_view day = DayDigits(in, i);
  if (!day.empty() && in.Is(i + 1, TokenKind::kWord) && IsUpperChar(in.At(i + 1).text[0])) {
    const int month = MonthNumber(in.At(i + 1).text);
    if (month == 0) return 0;
    if (i == 0 || !EqualsIgnoreCase(in.At(i - 1).text, "the")) out->Word("the");
    SayDay(day, out);
    out->Word("of");
    out->Word(MonthName(month));
    const size_t comma = in.IsMark(i + 2, ',') ? 1 : 0;
    if (!IsYearToken(in, i + 2 + comma)) return 2;
    SayYear(in.At(i + 2 + comma).text, out);
    return 3 + comma;
  }
  return 0;
}

}  // namespace m2tts
