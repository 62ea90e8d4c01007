// Years and decades: "in 1984", "the 1990s", "'80s", "mid-80s", "1914-1918", "1960s-80s",
// "500 BC", "A.D. 340", "pre-1990".
//
//   year    := dddd | ddd era | era ddd
//   decade  := dddd "s" | ["'"] d0 "s"     (also "100s of", "1,000s", "360s")
//   years   := year dash (year | dd | "present") | decade dash decade
#include "core/text/rules/year.h"

#include <algorithm>

#include "core/text/char_class.h"
#include "core/text/rules/amount.h"
#include "core/text/rules/unit_table.h"

namespace m2tts {
namespace {

template <size_t N>
bool In(const std::string_view (&words)[N], std::string_view word) {
  for (const std::string_view known : words) {
    if (EqualsIgnoreCase(word, known)) return true;
  }
  return false;
}

constexpr std::string_view kBefore[] = {
    "in",     "since",  "until",    "till",    "before", "after",    "during", "circa", "year",
    "summer", "winter", "spring",   "fall",    "autumn", "early",    "late",   "mid",   "by",
    "of",     "from",   "to",       "between", "around", "about",    "ca.",    "c.",    "class",
    "season", "fy",     "election", "through", "years",  "copyright"};

// What stands before a count.
constexpr std::string_view kCounting[] = {
    "over", "nearly",  "only",    "almost", "exactly", "approximately", "least",
    "most", "some",    "another", "total",  "has",     "have",          "had",
    "with", "scored",  "costs",   "cost",   "weighs",  "holds",         "contains",
    "than", "roughly", "these",   "all",    "under",   "sold",          "paid"};

// Plurals without "s", and words between a count and what it counts.
constexpr std::string_view kCounted[] = {"people", "men",       "women",  "children", "feet",       "mice",
                                         "sheep",  "fish",      "troops", "police",   "cattle",     "more",
                                         "new",    "different", "other",  "such",     "additional", "extra",
                                         "square", "cubic",     "or",     "copies",   "head",       "staff"};

// Ends in "s" without being a plural of a thing.
constexpr std::string_view kNoPlural[] = {"always",  "perhaps",   "plus",   "versus", "towards", "afterwards",
                                          "besides", "sometimes", "unless", "marks",  "sees",    "brings",
                                          "remains", "shows",     "comes",  "begins", "starts",  "ends",
                                          "looks",   "seems",     "across", "does",   "makes",   "saw"};

bool IsEra(std::string_view text) {
  static constexpr std::string_view kEras[] = {"BC",     "AD",   "BCE", "CE",  "B.C.",  "A.D.",
                                               "B.C.E.", "C.E.", "B.C", "A.D", "B.C.E", "C.E"};
  return std::find(std::begin(kEras), std::end(kEras), text) != std::end(kEras);
}

void SayPlural(SpokenList* out) {
  MakePlural(&out->items.back().text);
}

// "1990", "90" of a decade.
bool SayDecade(std::string_view digits, SpokenList* out) {
  if (!AllDigits(digits) || digits.back() != '0') return false;
  if (digits.size() == 4 && digits[0] != '0') {
    out->Year(digits);
  } else if (digits.size() == 2 && digits[0] != '0') {
    out->Cardinal(digits);
  } else {
    return false;
  }
  SayPlural(out);
  return true;
}

// The digits of "1990s" or "1990's"; empty for other text.
std::string_view DecadeDigits(std::string_view text) {
  if (text.size() < 3 || text.back() != 's') return {};
  text.remove_suffix(1);
  if (text.back() == '\'') text.remove_suffix(1);
  return AllDigits(text) ? text : std::string_view();
}

// What round numbers in the plural count: "1,000s of people".
struct RoundPlural {
  std::string_view digits;
  const char* words;
};
constexpr RoundPlural kRoundPlurals[] = {{"100", "hundreds"},
                                         {"1000", "thousands"},
                                         {"10000", "tens of thousands"},
                                         {"100000", "hundreds of thousands"},
                                         {"1000000", "millions"}};

// "100s of people", "the 500s", "10,000s of them", "two 360s"; other decades are SayDecade's.
bool SayRoundPlural(std::string_view text, bool before_of, SpokenList* out) {
  if (text.size() < 4 || text.substr(text.size() - 2) != "0s") return false;
  std::string digits;
  for (const char c : text.substr(0, text.size() - 1)) {
    if (c != ',') digits.push_back(c);
  }
  if (!AllDigits(digits) || digits[0] == '0') return false;
  for (const RoundPlural& plural : kRoundPlurals) {
    if (!before_of || plural.digits != digits) continue;
    out->Words(plural.words);
    return true;
  }
  const bool grouped = digits.size() + 1 < text.size();
  if (digits.size() != 3 && !grouped) return false;
  if (digits.size() == 3 && digits[1] != '0') {
    out->Cardinal(digits.substr(0, 1));
    out->Cardinal(digits.substr(1));
  } else {
    out->Cardinal(digits);
  }
  SayPlural(out);
  return true;
}

// "1914-1918", "1960-80", "2010-present", "1960s-80s".
bool SaySpan(std::string_view text, const RuleInput& in, SpokenList* out) {
  const size_t dash = text.find_first_of("-\x81");
  if (dash == std::string_view::npos || dash < 2) return false;
  const std::string_view left = text.substr(0, dash);
  const std::string_view right = text.substr(dash + 1);
  if (const std::string_view from = DecadeDigits(left); !from.empty()) {
    const std::string_view to = DecadeDigits(right);
    if (!SayDecade(from, out)) return false;
    if (to.empty()) {
      SayHyphenWords(right, in, out);  // "1920s-era"
      return true;
    }
    out->Word("to");
    return SayDecade(to, out);
  }
  if (!IsYear(left)) return false;
  const bool present = EqualsIgnoreCase(right, "present") || EqualsIgnoreCase(right, "today") ||
                       EqualsIgnoreCase(right, "now");
  const bool short_year = right.size() == 2 && AllDigits(right) && right > left.substr(2);
  if (!present && !short_year && !(IsYear(right) && right > left)) return false;
  out->Year(left);
  out->Word("to");
  if (present) {
    out->Word(ToLower(right));
  } else if (short_year && right[0] == '0') {
    out->Word("oh");
    out->Cardinal(right);
  } else if (short_year) {
    out->Cardinal(right);
  } else {
    out->Year(right);
  }
  return true;
}

// "2023/24": a year and the next.
bool SaySeason(std::string_view text, SpokenList* out) {
  if (text.size() != 7 || text[4] != '/' || !IsYear(text.substr(0, 4)) || !AllDigits(text.substr(5)))
    return false;
  if (text.substr(5) <= text.substr(2, 2)) return false;
  out->Year(text.substr(0, 4));
  if (text[5] == '0') out->Word("oh");
  out->Cardinal(text.substr(5));
  return true;
}

// "mid-80s", "pre-1990", "post-2008": words before a hyphen, then a year or decade.
size_t SayPrefixed(std::string_view text, const RuleInput& in, SpokenList* out) {
  const size_t hyphen = text.rfind('-');
  if (hyphen == std::string_view::npos || hyphen < 2 || !IsDigitChar(text[hyphen + 1])) return 0;
  const std::string_view word = text.substr(0, hyphen);
  if (!IsLowerChar(word[1]) || !AllAlpha(word)) return 0;
  const std::string_view rest = text.substr(hyphen + 1);
  const std::string_view decade = DecadeDigits(rest);
  // "mid-19th": the suffix of an ordinal.
  const size_t digits = rest.find_first_not_of("0123456789");
  const std::string_view suffix = digits == std::string_view::npos ? std::string_view() : rest.substr(digits);
  if (suffix == "th" || suffix == "st" || suffix == "nd" || suffix == "rd") {
    SayHyphenWords(word, in, out);
    out->Ordinal(rest.substr(0, digits));
    return 1;
  }
  if (decade.empty() && !IsYear(rest)) return 0;
  const size_t mark = out->items.size();
  SayHyphenWords(word, in, out);
  if (decade.empty()) {
    out->Year(rest);
  } else if (!SayDecade(decade, out)) {
    out->items.resize(mark);
    return 0;
  }
  return 1;
}

}  // namespace

bool IsYear(std::string_view text) {
  return text.size() == 4 && AllDigits(text) && text >= "1100" && text <= "2099";
}

bool IsBeforeYear(std::string_view word) {
  return In(kBefore, word);
}

bool IsPluralNoun(std::string_view word) {
  if (word.size() < 4 || !IsLowerChar(word[0])) return In(kCounted, word);
  if (In(kCounted, word)) return true;
  if (word.back() != 's' || !AllAlpha(word)) return false;
  const char before = word[word.size() - 2];
  return before != 's' && before != 'u' && before != 'i' && !In(kNoPlural, word);
}

bool IsYearInContext(const RuleInput& in, size_t i) {
  const bool round = in.At(i).text.substr(2) == "00";
  const std::string_view before = i > 0 && in.Is(i - 1, TokenKind::kWord) ? in.At(i - 1).text : "";
  const std::string_view after = in.Is(i + 1, TokenKind::kWord) ? in.At(i + 1).text : "";
  if (!after.empty() && (IsUnitWord(after) || MagnitudeWord(after) != nullptr)) return false;
  if (In(kCounting, before)) {
    const std::string_view first = i > 1 ? in.At(i - 2).text : "";
    return before == "than" && (first == "earlier" || first == "later");
  }
  if (after.empty() || !IsPluralNoun(after)) return true;
  if (round) return false;
  return before == "in" || EqualsIgnoreCase(before, "the") || before == "since" || before == "after" ||
         before == "during" || before == "this" || before == "In" ||
         (before.size() > 2 && before.substr(before.size() - 2) == "'s");
}

size_t YearRule(const RuleInput& in, size_t i, SpokenList* out) {
  std::string_view text = in.At(i).text;
  if (in.Is(i, TokenKind::kWord)) return text.size() >= 6 ? SayPrefixed(text, in, out) : 0;
  if (!in.Is(i, TokenKind::kNumber)) return 0;
  const bool apostrophe = text[0] == '\'';
  if (apostrophe) text.remove_prefix(1);
  if (SayRoundPlural(text, in.At(i + 1).text == "of", out)) return 1;
  if (const std::string_view decade = DecadeDigits(text); !decade.empty())
    return SayDecade(decade, out) ? 1 : 0;
  if (apostrophe && text.size() == 2 && AllDigits(text)) {  // "the summer of '69"
    if (text[0] == '0') out->Word("oh");
    out->Cardinal(text);
    return 1;
  }
  if (text.size() > 4) return SaySeason(text, out) || SaySpan(text, in, out) ? 1 : 0;
  if (text.size() < 3 || !AllDigits(text) || text[0] == '0') return 0;
  const bool era =
      (in.Is(i + 1, TokenKind::kWord) && IsEra(in.At(i + 1).text)) || (i > 0 && IsEra(in.At(i - 1).text));
  const bool medieval = text.size() == 4 && text > "1000" && text < "1100" && i > 0 &&
                        IsBeforeYear(in.At(i - 1).text) && !in.Is(i + 1, TokenKind::kWord);
  const bool future =
      text.size() == 4 && text > "2099" && text < "3000" && i > 0 && in.At(i - 1).text == "year";
  if (!era && !medieval && !future && !(IsYear(text) && IsYearInContext(in, i))) return 0;
  out->Year(text);
  return 1;
}

}  // namespace m2tts
