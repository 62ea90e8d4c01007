// Abbreviated days of the week, with and without a full stop, and spans of days and months:
// "Mon., Oct. 5", "Wed 3pm", "Mon-Fri", "Jan-Mar".
#include <array>

#include "core/text/char_class.h"
#include "core/text/rules.h"

namespace m2tts {
namespace {

struct Day {
  std::string_view written;
  const char* name;
  bool is_word;  // also a common word, so that only a date beside it makes it a day
};

constexpr std::array<Day, 10> kDays = {{{"Mon", "monday", false},
                                        {"Tue", "tuesday", false},
                                        {"Tues", "tuesday", false},
                                        {"Wed", "wednesday", true},
                                        {"Thu", "thursday", false},
                                        {"Thur", "thursday", false},
                                        {"Thurs", "thursday", false},
                                        {"Fri", "friday", false},
                                        {"Sat", "saturday", true},
                                        {"Sun", "sunday", true}}};

const Day* FindDay(std::string_view text) {
  if (!text.empty() && text.back() == '.') text.remove_suffix(1);
  for (const Day& day : kDays) {
    if (text == day.written) return &day;
  }
  return nullptr;
}

template <size_t N>
bool In(const std::string_view (&words)[N], std::string_view word) {
  for (const std::string_view known : words) {
    if (EqualsIgnoreCase(word, known)) return true;
  }
  return false;
}

constexpr std::string_view kJoints[] = {"/", "&", ",", "and", "or", "to"};
constexpr std::string_view kBeforeDay[] = {"every",  "on",   "this",  "next", "last",
                                           "closed", "open", "until", "each"};

// Whether "Sat", "Sun" or "Wed" at `i` is a day for its company: "Sat & Sun", "every Wed". "The Sun" is none.
bool HasDayBeside(const RuleInput& in, size_t i) {
  if (In(kJoints, in.At(i + 1).text) && FindDay(in.At(i + 2).text) != nullptr) return true;
  if (i == 0) return false;
  if (i > 1 && In(kJoints, in.At(i - 1).text) && FindDay(in.At(i - 2).text) != nullptr) return true;
  return In(kBeforeDay, in.At(i - 1).text) && !in.IsCapitalized(i + 1);  // not "on Sun Hill"
}

const char* DayOrMonth(std::string_view text) {
  if (const Day* const day = FindDay(text)) return day->name;
  const int month = IsUpperChar(text[0]) && text.size() <= 5 ? MonthNumber(text) : 0;
  return month == 0 ? nullptr : MonthName(month);
}

}  // namespace

size_t WeekdayRule(const RuleInput& in, size_t i, SpokenList* out) {
  if (!in.IsCapitalized(i)) return 0;
  const std::string_view text = in.At(i).text;
  if (text.size() > 11) return 0;
  // "Mon-Fri"; "Mon - Fri" and "Mon–Fri" come as three tokens.
  if (const size_t hyphen = text.find('-');
      hyphen != std::string_view::npos && hyphen + 1 < text.size() && hyphen > 2) {
    const char* const from = DayOrMonth(text.substr(0, hyphen));
    const char* const to = DayOrMonth(text.substr(hyphen + 1));
    if (from == nullptr || to == nullptr) return 0;
    out->Word(from);
    out->Word("to");
    out->Word(to);
    return 1;
  }
  const char* const from = DayOrMonth(text);
  if (from == nullptr) return 0;
  const std::string_view mark = in.At(i + 1).text;
  if (in.Is(i + 2, TokenKind::kWord) && mark.size() == 1 && (mark[0] == '-' || mark[0] == kEnDash)) {
    if (const char* const to = DayOrMonth(in.At(i + 2).text)) {
      out->Word(from);
      out->Word("to");
      out->Word(to);
      return 3;
    }
  }
  const Day* const day = FindDay(text);
  if (day == nullptr) return 0;
  // "Mon.-Thurs.": the tokenizer has dropped the hyphen between them.
  if (text.back() == '.' && in.Is(i + 1, TokenKind::kWord) && in.At(i + 1).begin == in.At(i).end() + 1) {
    if (const Day* const to = FindDay(in.At(i + 1).text)) {
      out->Word(from);
      out->Word("to");
      out->Word(to->name);
      return 2;
    }
  }
  const size_t after = in.IsMark(i + 1, ',') ? i + 2 : i + 1;
  const bool date = in.Is(after, TokenKind::kNumber) ||
                    (in.Is(after, TokenKind::kWord) && MonthNumber(in.At(after).text) > 0 &&
                     IsUpperChar(in.At(after).text[0]));
  if (day->is_word && !date && !HasDayBeside(in, i)) return 0;
  out->Word(day->name);
  return 1;
}

}  // namespace m2tts
