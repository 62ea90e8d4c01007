#include "core/text/line_marks.h"

#include <algorithm>
#include <initializer_list>

#include "core/text/char_class.h"
#include "core/text/full_stop.h"

namespace m2tts {
namespace {

// Text that is wrapped has longer lines.
constexpr size_t kShortLine = 40;
constexpr size_t kLongestHeadingMark = 6;

bool BlankAt(std::string_view text, size_t i) {
  return i < text.size() && text[i] == ' ';
}

size_t SkipRun(std::string_view text, size_t i, std::string_view chars) {
  return std::min(text.find_first_not_of(chars, i), text.size());
}

// "1. ", "12) ", "b) ", "IV. "
bool IsNumberedItem(std::string_view text, size_t i) {
  size_t end = i;
  while (end < text.size() && end < i + 5 && IsAlnumChar(text[end])) ++end;
  const std::string_view mark = text.substr(i, end - i);
  if (mark.empty() || end == text.size() || !BlankAt(text, end + 1)) return false;
  const bool number = (AllDigits(mark) && mark.size() <= 3) || IsListNumeral(mark);
  if (text[end] == '.') return number;
  return text[end] == ')' && (number || (mark.size() == 1 && IsAlphaChar(mark[0])));
}

bool IsItem(std::string_view text, size_t i) {
  if (text.substr(i, 3) == "\u2022" || text.substr(i, 3) == "\u25e6") return true;
  if (text.substr(i, 3) == "\u2013" && BlankAt(text, i + 3)) return true;
  if ((text[i] == '-' || text[i] == '*' || text[i] == '+') && BlankAt(text, i + 1)) return true;
  return IsNumberedItem(text, i);
}

// "## Methods"
bool IsHeading(std::string_view text, size_t i) {
  const size_t end = SkipRun(text, i, "#");
  return end > i && end - i <= kLongestHeadingMark && BlankAt(text, end);
}

// "> as you said"; but "> 3" compares.
bool IsQuotation(std::string_view text, size_t i) {
  const size_t end = SkipRun(text, i, ">");
  return end > i && BlankAt(text, end) && end + 1 < text.size() && !IsDigitChar(text[end + 1]);
}

// Words that never end a line of a list, a poem or an address.
bool LeadsOn(std::string_view word) {
  for (const std::string_view known :
       {"the", "a",    "an",   "of",  "and",  "or",  "but",  "to",    "for",   "with", "from",
        "by",  "at",   "my",   "our", "your", "his", "her",  "their", "its",   "is",   "are",
        "was", "were", "than", "as",  "that", "who", "into", "about", "called"}) {
    if (word == known) return true;
  }
  return false;
}

bool IsShortLine(std::string_view text, size_t line_end) {
  size_t begin = line_end;
  while (begin > 0 && line_end - begin < kShortLine && text[begin - 1] != '\n') --begin;
  if (line_end - begin >= kShortLine) return false;
  size_t word = line_end;
  while (word > begin && !IsSpaceChar(text[word - 1])) --word;
  return !LeadsOn(text.substr(word, line_end - word));
}

}  // namespace

bool IsListNumeral(std::string_view word) {
  return word.size() >= 2 && word.size() <= 5 && word != "XX" && word != "XXX" &&
         word.find_first_not_of("IVX") == std::string_view::npos;
}

bool LineBreakEnds(std::string_view text, size_t begin, size_t line_end, size_t next, bool short_lines) {
  if (IsItem(text, next) || IsHeading(text, next) || IsQuotation(text, next)) return true;
  if (IsHeading(text, begin)) return true;
  const char first = FirstOf(text, next);
  return short_lines && (IsUpperChar(first) || IsDigitChar(first)) && IsShortLine(text, line_end);
}

}  // namespace m2tts
