#include "core/text/rules/say_as.h"

#include "core/text/char_class.h"
#include "core/text/fold.h"

namespace m2tts {
namespace {

const char* CharacterName(char c) {
  switch (c) {
    case '.':
      return "dot";
    case ',':
      return "comma";
    case '-':
      return "dash";
    case '_':
      return "underscore";
    case '/':
      return "slash";
    case '@':
      return "at";
    case '#':
      return "hash";
    case '&':
      return "ampersand";
    case '*':
      return "asterisk";
    case '+':
      return "plus";
    case '=':
      return "equals";
    case '%':
      return "percent";
    case '$':
      return "dollar";
    case ':':
      return "colon";
    case ';':
      return "semicolon";
    case '!':
      return "exclamation mark";
    case '?':
      return "question mark";
    case '\'':
      return "apostrophe";
    default:
      return nullptr;
  }
}

bool SayCharacters(std::string_view text, SpokenList* out) {
  bool said = false;
  for (const char c : text) {
    if (IsAlnumChar(c)) {
      out->Letters({&c, 1});
    } else if (const char* const name = CharacterName(c)) {
      out->Words(name);
    } else {
      continue;
    }
    said = true;
  }
  return said;
}

// Digits one by one; other marks are breaths between groups.
bool SayDigits(std::string_view text, bool pauses, SpokenList* out) {
  bool said = false;
  bool pause = false;
  for (const char c : text) {
    if (IsDigitChar(c)) {
      if (pause && said && pauses) out->Pause(kShortPause, ",");
      out->Letters({&c, 1});
      said = true;
      pause = false;
    } else if (c == '+' && !said) {
      out->Word("plus");
    } else if (IsAlphaChar(c)) {
      out->Letter(c);
    } else {
      pause = true;
    }
  }
  return said;
}

bool SayNumber(std::string_view text, bool ordinal, SpokenList* out) {
  const bool minus = !text.empty() && text[0] == '-';
  if (minus) text.remove_prefix(1);
  if (ordinal && text.size() > 2 && IsAlphaChar(text.back())) text.remove_suffix(2);  // "5th"
  PlainNumber number;
  if (!ParsePlainNumber(text, &number) || (ordinal && !number.fraction.empty())) return false;
  if (minus) out->Word("minus");
  WordList words;
  if (ordinal) {
    AppendOrdinal(number.whole, &words);
  } else if (number.fraction.empty()) {
    AppendCardinal(number.whole, &words);
  } else {
    AppendDecimal(number.whole, number.fraction, &words);
  }
  out->Words(words);
  return true;
}

// All of `text` by one of the usual rules.
bool SayByRule(std::string_view text, Rule rule, const Lexicon& lexicon, const TextStyle& style,
               SpokenList* out) {
  const std::vector<Token> tokens = Tokenize(text);
  const RuleInput input{tokens, lexicon, style};
  SpokenList said;
  if (tokens.empty() || rule(input, 0, &said) != tokens.size()) return false;
  for (SpokenItem& item : said.items) out->items.push_back(std::move(item));
  return true;
}

}  // namespace

bool SayContentAs(std::string_view content, SayAs say_as, const Lexicon& lexicon, const TextStyle& style,
                  SpokenList* out) {
  std::vector<TextWarning> unused;
  const std::string folded = Fold(content, 0, &unused).text;
  const std::string_view text = Trim(folded);
  switch (say_as) {
    case SayAs::kCardinal:
      return SayNumber(text, false, out);
    case SayAs::kOrdinal:
      return SayNumber(text, true, out);
    case SayAs::kDigits:
      return SayDigits(text, false, out);
    case SayAs::kTelephone:
      return SayDigits(text, true, out);
    case SayAs::kCharacters:
      return SayCharacters(text, out);
    case SayAs::kDate:
    case SayAs::kDateDayFirst: {
      // The usual rule, with its own order of day and month, on the content alone.
      TextStyle dated = style;
      dated.date_order =
          say_as == SayAs::kDate ? TextStyle::DateOrder::kMonthFirst : TextStyle::DateOrder::kDayFirst;
      return SayByRule(text, DateRule, lexicon, dated, out);
    }
    case SayAs::kTime:
      return SayByRule(text, TimeRule, lexicon, style, out);
    case SayAs::kCurrency:
      return SayByRule(text, MoneyRule, lexicon, style, out);
    case SayAs::kNormal:
      return false;
  }
  return false;
}

}  // namespace m2tts
