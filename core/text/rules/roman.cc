// Roman numerals where the context asks for them.
//
//   numbered  word of counting, numeral      "Chapter IV" -> four, "pp. iv-ix", "Scene ii"
//   ruler     name, numeral                  "Henry VIII" -> the eighth, "Henry Ford II"
//   ordinal   numeral, "century"             "the XIX century" -> nineteenth
//   section   numeral of I, V and X that opens its line, "." or ")"    "IV. Results" -> four
//   other     capitalized word, numeral of I, V and X    "Rocky IV" -> four
//
// "I" is the pronoun unless a title or what follows says otherwise.
#include <array>

#include "core/text/abbreviation.h"
#include "core/text/char_class.h"
#include "core/text/rules.h"

namespace m2tts {
namespace {

int DigitValue(char c) {
  switch (c) {
    case 'I':
      return 1;
    case 'V':
      return 5;
    case 'X':
      return 10;
    case 'L':
      return 50;
    case 'C':
      return 100;
    case 'D':
      return 500;
    case 'M':
      return 1000;
    default:
      return 0;
  }
}

std::string ToRoman(int n) {
  static constexpr std::array<std::pair<int, const char*>, 13> kSteps = {{{1000, "M"},
                                                                          {900, "CM"},
                                                                          {500, "D"},
                                                                          {400, "CD"},
                                                                          {100, "C"},
                                                                          {90, "XC"},
                                                                          {50, "L"},
                                                                          {40, "XL"},
                                                                          {10, "X"},
                                                                          {9, "IX"},
                                                                          {5, "V"},
                                                                          {4, "IV"},
                                                                          {1, "I"}}};
  std::string out;
  for (const auto& [value, letters] : kSteps) {
    for (; n >= value; n -= value) out += letters;
  }
  return out;
}

// The value of a well-formed numeral, or 0.
int ParseRoman(std::string_view text) {
  if (text.empty() || text.size() > 15) return 0;
  int total = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const int value = DigitValue(text[i]);
    if (value == 0) return 0;
    const int next = i + 1 < text.size() ? DigitValue(text[i + 1]) : 0;
    total += next > value ? -value : value;
  }
  return total > 0 && total < 4000 && ToRoman(total) == text ? total : 0;
}

template <size_t N>
bool In(const std::string_view (&words)[N], std::string_view word) {
  for (const std::string_view known : words) {
    if (EqualsIgnoreCase(word, known)) return true;
  }
  return false;
}

// Words after which a numeral counts: "Chapter IV".
constexpr std::string_view kCounted[] = {
    "chapter",  "chapters",     "part",     "parts",   "volume",   "vol",     "vol.",     "volumes", "book",
    "books",    "act",          "scene",    "section", "article",  "title",   "phase",    "type",    "class",
    "war",      "bowl",         "appendix", "figure",  "fig.",     "table",   "level",    "stage",   "canto",
    "grade",    "mark",         "schedule", "exhibit", "page",     "pages",   "pp.",      "p.",      "ch.",
    "apollo",   "wrestlemania", "rocky",    "episode", "division", "group",   "category", "annex",   "plate",
    "psalm",    "sonnet",       "unit",     "step",    "tier",     "track",   "round",    "lesson",  "note",
    "symphony", "opus",         "no.",      "number",  "factor",   "olympiad"};

// First names of rulers and popes, and other names that a numeral makes the next of its line.
constexpr std::string_view kNames[] = {
    "henry",     "george",  "louis",      "charles",     "james",      "edward",    "richard",   "william",
    "elizabeth", "mary",    "john",       "paul",        "pius",       "benedict",  "leo",       "gregory",
    "innocent",  "clement", "urban",      "nicholas",    "alexander",  "peter",     "catherine", "frederick",
    "francis",   "philip",  "napoleon",   "wilhelm",     "ivan",       "ramses",    "xerxes",    "ferdinand",
    "joseph",    "leopold", "otto",       "robert",      "ptolemy",    "cleopatra", "boniface",  "sixtus",
    "julius",    "darius",  "olaf",       "gustav",      "christian",  "carl",      "albert",    "victor",
    "umberto",   "alfonso", "martin",     "thomas",      "david",      "harald",    "haakon",    "juan",
    "rameses",   "edmund",  "emmanuel",   "constantine", "theodosius", "justinian", "adrian",    "honorius",
    "margaret",  "emperor", "harry",      "hassan",      "abdul",      "mehmed",    "selim",     "murad",
    "baldwin",   "conrad",  "maximilian", "rudolf",      "sigismund",  "eugene",    "amenhotep", "thutmose",
    "seti",      "stephen", "sancho",     "pedro",       "manuel",     "augustus",  "christina", "lothar",
    "walter"};

constexpr std::string_view kTitles[] = {"king", "queen", "pope",   "emperor", "empress",
                                        "tsar", "czar",  "kaiser", "prince"};

// What is numbered by an ordinal before it: "the XIX century".
constexpr std::string_view kNumbered[] = {"century",  "centuries", "olympic", "olympics", "congress",
                                          "olympiad", "legion",    "dynasty", "corps"};

// Whether "I" at `i` closes a ruler's name rather than opening a new clause.
bool IsFirstRuler(const RuleInput& in, size_t i, bool possessive) {
  if (i >= 2 && In(kTitles, in.At(i - 2).text)) return true;
  if (possessive) return true;
  if (!in.Is(i + 1, TokenKind::kWord)) return i + 1 >= in.tokens.size() || !in.IsMark(i + 1, ',');
  static constexpr std::string_view kAfter[] = {"of", "reigned", "ruled", "died", "became", "succeeded"};
  return In(kAfter, in.At(i + 1).text);
}

// "the part I liked", "books I own": what the pronoun does, and numerals do not.
constexpr std::string_view kDoneByMe[] = {
    "own",     "read",   "wrote",   "write",   "liked",    "like",  "love",    "loved",    "hate",
    "hated",   "want",   "wanted",  "need",    "needed",   "have",  "had",     "will",     "would",
    "can",     "could",  "should",  "did",     "do",       "don't", "didn't",  "think",    "know",
    "thought", "knew",   "saw",     "see",     "found",    "find",  "bought",  "got",      "made",
    "make",    "use",    "used",    "reached", "enjoyed",  "chose", "prefer",  "remember", "finished",
    "never",   "always", "just",    "really",  "still",    "ever",  "started", "took",     "gave",
    "watched", "am",     "ordered", "played",  "mentioned"};

// A numeral in small letters: only after a word that counts, and never "i" or an English word.
int ParseSmall(std::string_view text) {
  if (text.size() < 2 || text.size() > 8 || text == "mi" || text == "mix" || text == "dim" || text == "mild")
    return 0;
  std::string upper(text);
  for (char& c : upper) c = static_cast<char>(c - 'a' + 'A');
  return ParseRoman(upper);
}

// "iv-ix", "IV-IX" after "pp.".
size_t SaySpan(std::string_view text, SpokenList* out) {
  const size_t dash = text.find_first_of("-\x81");
  if (dash == std::string_view::npos) return 0;
  const std::string_view left = text.substr(0, dash);
  const std::string_view right = text.substr(dash + 1);
  const bool upper = IsUpperChar(left[0]);
  const int from = upper         ? ParseRoman(left)
                   : left == "i" ? 1
                   : left == "v" ? 5
                   : left == "x" ? 10
                                 : ParseSmall(left);
  const int to = upper ? ParseRoman(right) : ParseSmall(right);
  if (from == 0 || to <= from) return 0;
  out->Cardinal(std::to_string(from));
  out->Word("to");
  out->Cardinal(std::to_string(to));
  return 1;
}

// I, V and X only, so that neither sizes ("XL") nor letters ("CD", "MD", "DC") are taken.
bool IsPlainNumeral(std::string_view text) {
  return text.size() >= 2 && text != "XX" && text != "XXX" &&
         text.find_first_not_of("IVX") == std::string_view::npos;
}

bool IsNameLike(const RuleInput& in, size_t i) {
  const std::string_view text = in.At(i).text;
  return in.Is(i, TokenKind::kWord) && text.size() > 2 && IsUpperChar(text[0]) && IsLowerChar(text[1]);
}

}  // namespace

size_t RomanRule(const RuleInput& in, size_t i, SpokenList* out) {
  if (!in.Is(i, TokenKind::kWord)) return 0;
  std::string_view text = in.At(i).text;
  // Cheapest first: nearly every word has a letter that is no numeral among its first two.
  const bool upper = DigitValue(text[0]) != 0;
  if (!upper && text[0] != 'i' && text[0] != 'v' && text[0] != 'x' && text[0] != 'l' && text[0] != 'W')
    return 0;
  bool possessive = false;
  if (text.size() > 2 && text.substr(text.size() - 2) == "'s") {
    text.remove_suffix(2);
    possessive = true;
  }
  if (text == "WWI" || text == "WWII") {
    out->Words(text == "WWI" ? "world war one" : "world war two");
    if (possessive) out->items.back().text += "'s";
    return 1;
  }
  if (text.size() > 1 && text.back() == '.') text.remove_suffix(1);
  const std::string_view before = i > 0 && in.Is(i - 1, TokenKind::kWord) ? in.At(i - 1).text : "";
  const bool counted = !before.empty() && In(kCounted, before);
  if (counted) {
    if (const size_t used = SaySpan(text, out); used != 0) return used;
  }
  const int value = upper ? ParseRoman(text) : counted ? ParseSmall(text) : 0;
  if (value == 0) return 0;
  if (i == 0 && IsPlainNumeral(text) && (in.IsMark(1, '.') || in.IsMark(1, ')')) && in.tokens.size() > 2) {
    out->Cardinal(std::to_string(value));
    return 1;
  }
  // "the XIX century", "XXI-century" is WordRule's.
  if (upper && text.size() > 1 && In(kNumbered, in.At(i + 1).text)) {
    out->Ordinal(std::to_string(value));
    return 1;
  }
  const bool named = !before.empty() && IsUpperChar(before[0]);
  const bool second_name = i > 1 && IsNameLike(in, i - 1) && In(kNames, in.At(i - 2).text);
  const bool ordinal = upper && named && !counted && value <= 30 &&
                       (In(kNames, before) || (second_name && value <= 5 && text.size() > 1));
  const bool other = upper && named && !in.all_caps && IsPlainNumeral(text) && IsNameLike(in, i - 1) &&
                     !IsSentenceStarter(before);
  if (!ordinal && !counted && !other) return 0;
  // "Part I" at work, but "Mary, I ..." and "George I think" are pronouns.
  if (text == "I" && ordinal && !IsFirstRuler(in, i, possessive)) return 0;
  if (text == "I" && counted && in.Is(i + 1, TokenKind::kWord) && In(kDoneByMe, in.At(i + 1).text)) return 0;
  // "Class C", "Grade D", "Mark D": letters; "Chapter V", "Part X" are numbers.
  if (text.size() == 1 && !ordinal && value > 10) return 0;
  if (ordinal) {
    out->Word("the");
    out->Ordinal(std::to_string(value));
  } else {
    out->Cardinal(std::to_string(value));
  }
  if (possessive) out->items.back().text += "'s";
  return 1;
}

}  // namespace m2tts
