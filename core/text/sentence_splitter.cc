#include "core/text/sentence_splitter.h"

#include <algorithm>
#include <initializer_list>

#include "core/base/utf8.h"
#include "core/text/abbreviation.h"
#include "core/text/char_class.h"

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

// The length of a closing quote or bracket at `i`, or 0.
size_t CloserLength(std::string_view text, size_t i) {
  const char c = text[i];
  if (c == '"' || c == '\'' || c == ')' || c == ']' || c == '}' || c == '*' || c == '_') return 1;
  if (text.substr(i, 3) == "\u201d" || text.substr(i, 3) == "\u2019") return 3;
  if (text.substr(i, 2) == "\u00bb") return 2;
  return 0;
}

// The first letter or digit at or after `i`, past opening quotes and brackets.
char FirstOf(std::string_view text, size_t i) {
  while (i < text.size()) {
    const char c = text[i];
    if (c == '"' || c == '\'' || c == '(' || c == '[' || c == '*' || c == '_') {
      ++i;
    } else if (text.substr(i, 3) == "\u201c" || text.substr(i, 3) == "\u2018") {
      i += 3;
    } else {
      return c;
    }
  }
  return 0;
}

// "5 p.m. EST", "9 a.m. Monday": what goes on after a time, although written with a capital.
bool IsZoneOrDay(std::string_view word) {
  for (const std::string_view other :
       {"EST",       "EDT",      "CST",    "CDT",      "MST",    "MDT",     "PST",     "PDT",    "GMT",
        "UTC",       "ET",       "CT",     "MT",       "PT",     "BST",     "CET",     "Monday", "Tuesday",
        "Wednesday", "Thursday", "Friday", "Saturday", "Sunday", "Eastern", "Pacific", "Central"}) {
    if (word == other) return true;
  }
  return false;
}

bool IsBullet(std::string_view text, size_t i) {
  if (i + 1 >= text.size()) return false;
  if (text.substr(i, 3) == "\u2022") return true;
  if ((text[i] == '-' || text[i] == '*') && text[i + 1] == ' ') return true;
  size_t digits = i;
  while (digits < text.size() && digits < i + 3 && IsDigitChar(text[digits])) ++digits;
  return digits > i && digits + 1 < text.size() && (text[digits] == '.' || text[digits] == ')') &&
         text[digits + 1] == ' ';
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
      if (newlines == 1 && IsBullet(text_, next)) return Cut(begin, next, false, false);
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
    if (only_dots && marks == 1 && next < text_.size() && !FullStopEnds(begin, dot, next)) continue;
    const std::string_view gap = text_.substr(closed, next - closed);
    const bool paragraph = std::count(gap.begin(), gap.end(), '\n') > 1;
    return Cut(begin, next, paragraph, false);
  }
  return Cut(begin, text_.size(), true, false);
}

bool SentenceSplitter::FullStopEnds(size_t sentence_begin, size_t dot, size_t next) const {
  size_t begin = dot;
  while (begin > sentence_begin && dot - begin < 32 && !IsSpaceChar(text_[begin - 1])) --begin;
  while (begin < dot && !IsAlnumChar(text_[begin])) ++begin;
  const std::string_view word = text_.substr(begin, dot - begin);
  const char first = FirstOf(text_, next);
  if (word.empty()) return true;
  // "1. Do this", "a. Do that": the mark of a list item.
  if (begin == sentence_begin && AllDigits(word) && word.size() <= 3) return false;
  size_t next_end = next;
  while (next_end < text_.size() && IsAlnumChar(text_[next_end])) ++next_end;
  const std::string_view next_word = text_.substr(next, next_end - next);
  const bool plain_start = IsUpperChar(first) && IsSentenceStarter(next_word);
  // "J. Smith"; but "and I. Then" and "Plan B. The" end.
  if (word.size() == 1 && IsUpperChar(word[0]) && word[0] != 'I') {
    if (IsLowerChar(first)) return false;
    // "45 W. 34th St."
    if (IsDigitChar(first)) return !IsCompassPoint(word[0]);
    return !IsUpperChar(first) || plain_start;
  }
  if (IsDottedDegree(word)) return plain_start;
  if (IsDottedLetters(word) && word.size() > 1) {
    // "e.g." and "i.e." never end a sentence; "U.S." and "a.m." may.
    if (EqualsIgnoreCase(word, "e.g") || EqualsIgnoreCase(word, "i.e")) return false;
    const bool time = EqualsIgnoreCase(word, "a.m") || EqualsIgnoreCase(word, "p.m");
    return time ? IsUpperChar(first) && !IsZoneOrDay(next_word) : plain_start;
  }
  const Abbreviation* const abbreviation = FindAbbreviation(word);
  if (abbreviation == nullptr) return true;
  switch (abbreviation->kind) {
    case Abbreviation::Kind::kTitle:
      // "on Main St. The" and "lives in Elm Dr. He": a street, at the end.
      return plain_start && (abbreviation->written == "st" || abbreviation->written == "dr" ||
                             abbreviation->written == "ft");
    case Abbreviation::Kind::kBeforeNumber:
      return !IsDigitChar(first) && !NumeralFollows(*abbreviation, word, text_.substr(next));
    case Abbreviation::Kind::kBook:
      return !VerseFollows(text_.substr(next));
    case Abbreviation::Kind::kUnit:
      // "in" and "no" end sentences as words, too; after a number they are units.
      return IsUpperChar(first) || !FollowsNumber(begin, sentence_begin);
    case Abbreviation::Kind::kStreet:
      return plain_start;
    case Abbreviation::Kind::kMonth:
    case Abbreviation::Kind::kOther:
      return plain_start;
  }
  return true;
}

bool SentenceSplitter::FollowsNumber(size_t word_begin, size_t sentence_begin) const {
  size_t i = word_begin;
  if (i > sentence_begin && text_[i - 1] == '-') --i;
  while (i > sentence_begin && IsSpaceChar(text_[i - 1])) --i;
  return i > sentence_begin && IsDigitChar(text_[i - 1]);
}

}  // namespace m2tts
