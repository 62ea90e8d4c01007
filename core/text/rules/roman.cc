// Roman numerals where the context asks for them: "Henry VIII" -> "the eighth",
// "Chapter IV" -> "four", "World War II" -> "two".
#include <array>

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

// Words after which a numeral counts: "Chapter IV".
bool IsCounted(std::string_view word) {
  for (const std::string_view counted :
       {"chapter", "part",  "volume", "vol",   "vol.",  "book", "act",      "scene",    "section",
        "article", "title", "phase",  "type",  "class", "war",  "bowl",     "appendix", "figure",
        "table",   "level", "stage",  "canto", "grade", "mark", "schedule", "exhibit"}) {
    if (EqualsIgnoreCase(word, counted)) return true;
  }
  return false;
}

// First names of rulers and popes: "Henry VIII".
bool IsRuler(std::string_view word) {
  for (const std::string_view name :
       {"henry",     "george",  "louis",    "charles",  "james",     "edward",    "richard",   "william",
        "elizabeth", "mary",    "john",     "paul",     "pius",      "benedict",  "leo",       "gregory",
        "innocent",  "clement", "urban",    "nicholas", "alexander", "peter",     "catherine", "frederick",
        "francis",   "philip",  "napoleon", "wilhelm",  "ivan",      "ramses",    "xerxes",    "ferdinand",
        "joseph",    "leopold", "otto",     "robert",   "ptolemy",   "cleopatra", "boniface",  "sixtus",
        "julius",    "darius",  "olaf",     "gustav",   "christian", "carl",      "albert",    "victor",
        "umberto",   "alfonso"}) {
    if (EqualsIgnoreCase(word, name)) return true;
  }
  return false;
}

}  // namespace

size_t RomanRule(const RuleInput& in, size_t i, SpokenList* out) {
  if (i == 0 || !in.Is(i, TokenKind::kWord) || !in.Is(i - 1, TokenKind::kWord)) return 0;
  std::string_view text = in.At(i).text;
  bool possessive = false;
  if (text.size() > 2 && text.substr(text.size() - 2) == "'s") {
    text.remove_suffix(2);
    possessive = true;
  }
  if (!text.empty() && text.back() == '.') text.remove_suffix(1);
  const int value = ParseRoman(text);
  if (value == 0) return 0;
  const std::string_view before = in.At(i - 1).text;
  const bool ordinal =
      IsRuler(before) && value <= 30 && (text.size() > 1 || text == "V" || text == "X" || text == "I");
  const bool counted = IsCounted(before);
  if (!ordinal && !counted) return 0;
  // "Part I" at work, but "Mary, I ..." and "George I think" are pronouns: "I" needs a word like "King".
  if (text == "I" && ordinal &&
      !(i >= 2 &&
        (in.At(i - 2).text == "King" || in.At(i - 2).text == "Queen" || in.At(i - 2).text == "Pope"))) {
    return 0;
  }
  WordList words;
  if (ordinal) {
    words.emplace_back("the");
    AppendOrdinal(std::to_string(value), &words);
  } else {
    AppendCardinal(std::to_string(value), &words);
  }
  if (possessive) words.back() += "'s";
  out->Words(words);
  return 1;
}

}  // namespace m2tts
