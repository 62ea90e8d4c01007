#include "core/text/full_stop.h"

#include <initializer_list>

#include "core/text/abbreviation.h"
#include "core/text/char_class.h"
#include "core/text/line_marks.h"

namespace m2tts {
namespace {

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

char CharAt(std::string_view text, size_t i) {
  return i < text.size() ? text[i] : ' ';
}

bool FollowsNumber(std::string_view text, size_t word_begin, size_t sentence_begin) {
  size_t i = word_begin;
  if (i > sentence_begin && text[i - 1] == '-') --i;
  while (i > sentence_begin && IsSpaceChar(text[i - 1])) --i;
  return i > sentence_begin && IsDigitChar(text[i - 1]);
}

// The word that ends before `i`, past blanks: letters, digits and apostrophes; empty when a mark stands
// there.
std::string_view WordBefore(std::string_view text, size_t i) {
  constexpr size_t kReach = 32;
  size_t end = i;
  while (end > 0 && i - end < kReach && IsSpaceChar(text[end - 1])) --end;
  size_t begin = end;
  while (begin > 0 && end - begin < kReach && (IsAlnumChar(text[begin - 1]) || text[begin - 1] == '\''))
    --begin;
  return text.substr(begin, end - begin);
}

template <size_t N>
bool In(const std::string_view (&words)[N], std::string_view word) {
  for (const std::string_view known : words) {
    if (EqualsIgnoreCase(word, known)) return true;
  }
  return false;
}

// "plan A", "vitamin C": the letter is no initial.
constexpr std::string_view kLettered[] = {"plan",  "vitamin", "option", "grade",     "type",    "class",
                                          "group", "team",    "step",   "hepatitis", "exhibit", "section"};

// What is said to a person: "Hi, Mo." names no state.
constexpr std::string_view kGreetings[] = {"hi", "hey", "hello", "bye", "goodbye", "oh", "well", "sorry"};

bool IsName(std::string_view word) {
  return !word.empty() && IsUpperChar(word[0]) && !IsSentenceStarter(word) && !In(kGreetings, word);
}

// "Tulsa, Okla.", "(D-Mass.)": the state in the word that begins at `begin` and ends before `dot`.
bool IsState(std::string_view text, size_t begin, size_t dot) {
  const bool party = dot - begin > 3 && text[begin + 1] == '-' && begin > 0 && text[begin - 1] == '(';
  const std::string_view name = text.substr(begin + (party ? 2 : 0), dot - begin - (party ? 2 : 0));
  const Abbreviation* const found = FindAbbreviation(name);
  if (found == nullptr || found->kind != Abbreviation::Kind::kState || !IsUpperChar(name[0])) return false;
  if (party) return true;
  size_t comma = begin;
  while (comma > 0 && text[comma - 1] == ' ') --comma;
  return comma > 0 && text[comma - 1] == ',' && IsName(WordBefore(text, comma - 1));
}

// "et al.", "Song feat. Drake", "(feat. Drake)"; elsewhere a name and a deed.
bool IsOther(const Abbreviation& abbreviation, std::string_view text, size_t begin) {
  const std::string_view before = WordBefore(text, begin);
  if (abbreviation.written == "al") return before == "et";
  if (abbreviation.written != "feat") return true;
  if (!before.empty()) return IsUpperChar(before[0]);
  const bool bracket = begin > 0 && !IsSpaceChar(text[begin - 1]);
  return bracket || (begin > 1 && text[begin - 2] != ',');
}

// "est. time", "no. of pages", "Tel. (555)", "Ste. Marie": what goes on after what else would stand before a
// number only.
bool GoesOn(const Abbreviation& abbreviation, std::string_view word, std::string_view rest) {
  const char first = CharAt(rest, 0);
  if (abbreviation.written == "est") return IsLowerChar(first);
  if (abbreviation.written == "no") return rest.substr(0, 3) == "of " && rest.substr(0, 9) != "of course";
  if (abbreviation.written == "tel") return first == '(' || first == '+' || first == ':';
  return abbreviation.written == "ste" && IsUpperChar(word[0]) && IsUpperChar(first) &&
         IsLowerChar(CharAt(rest, 1));
}

// "on Main St. The", "5th St. The", "lives in Elm Dr. He": a street, at the end; not "Who is Dr. No?".
bool EndsStreet(const Abbreviation& abbreviation, std::string_view text, size_t sentence_begin,
                size_t begin) {
  if (abbreviation.written != "st" && abbreviation.written != "dr" && abbreviation.written != "ft")
    return false;
  if (IsLowerChar(text[begin])) return true;
  const std::string_view before = WordBefore(text, begin);
  if (before.empty()) return false;
  if (IsDigitChar(before[0])) return true;
  return IsName(before) && before.data() > text.data() + sentence_begin;
}

// "October", "Oct"
bool IsMonth(std::string_view word) {
  for (const std::string_view month : {"January", "February", "March", "April", "May", "June", "July",
                                       "August", "September", "October", "November", "December"}) {
    if (word == month || word == month.substr(0, 3)) return true;
  }
  return word == "Sept";
}

// "Sun. Oct. 12": whether `rest` begins with a month and a number.
bool MonthAndDayFollow(std::string_view rest) {
  size_t end = 0;
  while (end < rest.size() && end < 10 && IsAlphaChar(rest[end])) ++end;
  if (!IsMonth(rest.substr(0, end))) return false;
  if (CharAt(rest, end) == '.') ++end;
  return CharAt(rest, end) == ' ' && IsDigitChar(CharAt(rest, end + 1));
}

bool IsShortDay(std::string_view written) {
  return written == "sat" || written == "sun" || written == "wed";
}

}  // namespace

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

bool FullStopEnds(std::string_view text, size_t sentence_begin, size_t dot, size_t next) {
  size_t begin = dot;
  while (begin > sentence_begin && dot - begin < 32 && !IsSpaceChar(text[begin - 1])) --begin;
  while (begin < dot && !IsAlnumChar(text[begin])) ++begin;
  const std::string_view word = text.substr(begin, dot - begin);
  const char first = FirstOf(text, next);
  if (word.empty()) return true;
  // "1. Do this", "IV. Results": the mark of a list item.
  if (begin == sentence_begin && ((AllDigits(word) && word.size() <= 3) || IsListNumeral(word))) return false;
  size_t next_end = next;
  while (next_end < text.size() && IsAlnumChar(text[next_end])) ++next_end;
  const std::string_view next_word = text.substr(next, next_end - next);
  const bool plain_start = IsUpperChar(first) && IsSentenceStarter(next_word);
  // "J. Smith"; but "and I. Then" and "Plan B. The" end.
  if (word.size() == 1 && IsUpperChar(word[0]) && word[0] != 'I') {
    if (IsLowerChar(first)) return false;
    // "45 W. 34th St."
    if (IsDigitChar(first)) return !IsCompassPoint(word[0]);
    return !IsUpperChar(first) || plain_start || In(kLettered, WordBefore(text, begin));
  }
  if (IsDottedDegree(word)) return plain_start;
  if (IsDottedLetters(word) && word.size() > 1) {
    // "e.g." and "i.e." never end a sentence; "U.S." and "a.m." may.
    if (EqualsIgnoreCase(word, "e.g") || EqualsIgnoreCase(word, "i.e")) return false;
    const bool time = EqualsIgnoreCase(word, "a.m") || EqualsIgnoreCase(word, "p.m");
    return time ? IsUpperChar(first) && !IsZoneOrDay(next_word) : plain_start;
  }
  if (IsState(text, begin, dot)) return plain_start;
  const Abbreviation* const abbreviation = FindAbbreviation(word);
  if (abbreviation == nullptr) return true;
  switch (abbreviation->kind) {
    case Abbreviation::Kind::kTitle:
      return plain_start && EndsStreet(*abbreviation, text, sentence_begin, begin);
    case Abbreviation::Kind::kBeforeNumber:
      if (IsShortDay(abbreviation->written) && MonthAndDayFollow(text.substr(next))) return false;
      if (GoesOn(*abbreviation, word, text.substr(next))) return plain_start;
      return !IsDigitChar(first) && !NumeralFollows(*abbreviation, word, text.substr(next));
    case Abbreviation::Kind::kState:
      return true;
    case Abbreviation::Kind::kBook:
      return !VerseFollows(text.substr(next));
    case Abbreviation::Kind::kUnit:
      // "in" and "no" end sentences as words, too; after a number they are units.
      return IsUpperChar(first) || !FollowsNumber(text, begin, sentence_begin);
    case Abbreviation::Kind::kStreet:
      return plain_start;
    case Abbreviation::Kind::kMonth:
      return plain_start;
    case Abbreviation::Kind::kOther:
      return plain_start || !IsOther(*abbreviation, text, begin);
  }
  return true;
}

bool FullStopBelongs(std::string_view text, size_t begin, size_t dot) {
  const std::string_view word = text.substr(begin, dot - begin);
  if (CharAt(text, dot + 1) == '.') return false;
  size_t next = dot + 1;
  while (next < text.size() && IsSpaceChar(text[next])) ++next;
  if (word.size() == 1 && IsUpperChar(word[0])) {
    return IsUpperChar(CharAt(text, next)) || (IsCompassPoint(word[0]) && IsDigitChar(CharAt(text, next)));
  }
  if (word.size() >= 3 && word.find('.') != std::string_view::npos &&
      (IsDottedLetters(word) || IsDottedDegree(word))) {
    return true;
  }
  if (IsState(text, begin, dot)) return true;
  const Abbreviation* const abbreviation = FindAbbreviation(word);
  if (abbreviation == nullptr || abbreviation->kind == Abbreviation::Kind::kUnit) return false;
  if (abbreviation->kind == Abbreviation::Kind::kState) return false;
  if (abbreviation->kind == Abbreviation::Kind::kOther) return IsOther(*abbreviation, text, begin);
  if (abbreviation->kind == Abbreviation::Kind::kBook) return VerseFollows(text.substr(next));
  if (abbreviation->kind != Abbreviation::Kind::kBeforeNumber) return true;
  if (GoesOn(*abbreviation, word, text.substr(next))) return true;
  // "serial No. C2766"
  if (IsUpperChar(CharAt(text, next)) && IsDigitChar(CharAt(text, next + 1))) return true;
  if (IsDigitChar(CharAt(text, next)) || NumeralFollows(*abbreviation, word, text.substr(next))) return true;
  // "Sat., Oct. 5", "Sat. Oct. 5"
  return IsShortDay(abbreviation->written) &&
         (CharAt(text, dot + 1) == ',' || MonthAndDayFollow(text.substr(next)));
}

bool FullStopCounts(std::string_view word) {
  const Abbreviation* const found = FindAbbreviation(word);
  if (found == nullptr) return false;
  // "ex.1", "op.2": more likely the name of a file than an example.
  if (found->small == Abbreviation::Small::kEither && IsLowerChar(word[0])) return false;
  return found->kind == Abbreviation::Kind::kBeforeNumber || found->kind == Abbreviation::Kind::kMonth;
}

}  // namespace m2tts
