#include "core/text/sentence_splitter.h"

#include <algorithm>
#include <initializer_list>

#include "core/base/utf8.h"
#include "core/text/char_class.h"
#include "core/text/full_stop.h"
#include "core/text/line_marks.h"

namespace m2tts {
namespace {

// The length of a sentence-ending mark at `i`, or 0. Three-byte ones: ellipsis, ideographic
// full stop, full-width ! and ?.
size_t TerminatorLength(std::string_view text, size_t i) {
  const char c = text[i];
  if (c == '.' || c == '!' || c == '?') return 1;
  const std::string_view three = text.substr(i, 3);
  for (const std::string_view mark : {"\u2026", "\u3002", "\uff01", "\uff1f"}) {
    if (three == mark) return 3;
  }
  return 0;
}

// Whether `mark` is a superscript digit: of a footnote, after the full stop.
bool IsSuperscript(std::string_view mark) {
  if (mark.size() == 2) return mark == "\u00b9" || mark == "\u00b2" || mark == "\u00b3";
  return mark.size() == 3 && mark >= "\u2070" && mark <= "\u2079";
}

// The length of a closing quote, bracket or footnote's digit at `i`, or 0.
size_t CloserLength(std::string_view text, size_t i) {
  const char c = text[i];
  if (c == '"' || c == '\'' || c == ')' || c == ']' || c == '}' || c == '*' || c == '_') return 1;
  if (text.substr(i, 3) == "\u201d" || text.substr(i, 3) == "\u2019") return 3;
  if (text.substr(i, 2) == "\u00bb" || IsSuperscript(text.substr(i, 2))) return 2;
  if (IsSuperscript(text.substr(i, 3))) return 3;
  return 0;
}

size_t SkipSpace(std::string_view text, size_t i) {
  while (i < text.size() && IsSpaceChar(text[i])) ++i;
  return i;
}

bool IsClauseMark(char c) {
  return c == ',' || c == ';' || c == ':';
}

}  // namespace

RawSentence SentenceSplitter::Cut(size_t begin, size_t end, bool ends_paragraph, bool forced) {
  at_ = end;
  while (end > begin && IsSpaceChar(text_[end - 1])) --end;
  return {{begin, end}, ends_paragraph || at_ >= text_.size(), forced};
}

std::optional<RawSentence> SentenceSplitter::Next() {
  const size_t begin = SkipSpace(text_, at_);
  at_ = begin;
  if (begin == text_.size()) return std::nullopt;
  size_t last_space = begin;
  size_t last_clause = begin;  // the space after it
  size_t i = begin;
  while (i < text_.size()) {
    if (i - begin >= kMaxRawSentenceBytes) {
      // A clause that is short would leave much for the next piece, which has no better place to end.
      size_t cut = last_clause - begin > kMaxRawSentenceBytes / 2 ? last_clause : last_space;
      if (cut == begin) cut = i;
      return Cut(begin, std::max(CutBetweenCharacters(text_, cut), begin + 1), false, true);
    }
    const char c = text_[i];
    if (IsSpaceChar(c)) {
      const size_t next = SkipSpace(text_, i);
      const std::string_view gap = text_.substr(i, next - i);
      const size_t newlines = static_cast<size_t>(std::count(gap.begin(), gap.end(), '\n'));
      if (next == text_.size()) return Cut(begin, next, true, false);
      if (newlines > 1) return Cut(begin, next, true, false);
      if (newlines == 1 && LineBreakEnds(text_, begin, i, next, short_lines_)) {
        return Cut(begin, next, false, false);
      }
      last_space = i;
      if (IsClauseMark(text_[i - 1])) last_clause = i;
      i = next;
      continue;
    }
    const size_t mark = TerminatorLength(text_, i);
    if (mark == 0) {
      ++i;
      continue;
    }
    const size_t dot = i;
    size_t end = i;
    bool only_dots = true;
    size_t marks = 0;
    while (end < text_.size() && end - begin < kMaxRawSentenceBytes) {
      const size_t length = TerminatorLength(text_, end);
      if (length == 0) break;
      only_dots &= text_[end] == '.';
      ++marks;
      end += length;
    }
    size_t closed = end;
    while (closed < text_.size() && closed - end < 8) {
      const size_t length = CloserLength(text_, closed);
      if (length == 0) break;
      closed += length;
    }
    i = std::max(closed, i + 1);
    const bool ideographic = mark == 3 && text_.substr(dot, 3) != "\u2026";
    if (closed < text_.size() && !IsSpaceChar(text_[closed]) && !ideographic) continue;
    const size_t next = SkipSpace(text_, closed);
    const char first = next < text_.size() ? FirstOf(text_, next) : 0;
    // "Really?" he asked. / Well... maybe.
    const bool goes_on = IsLowerChar(first) && (closed > end || !only_dots || marks > 1);
    if (goes_on) continue;
    if (only_dots && marks == 1 && next < text_.size() && !FullStopEnds(text_, begin, dot, next)) continue;
    const std::string_view gap = text_.substr(closed, next - closed);
    const bool paragraph = std::count(gap.begin(), gap.end(), '\n') > 1;
    return Cut(begin, next, paragraph, false);
  }
  return Cut(begin, text_.size(), true, false);
}

}  // namespace m2tts
