// Normalization rules: each family looks at the tokens from one place on, and says them.
//
// A rule returns how many tokens it read, 0 when they are not its own. Rules are pure
// functions over their input; each family has its own file, its own test and a table of
// cases beside the test. normalizer.cc lists them in the order in which they are asked.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/text/char_class.h"
#include "core/text/fold.h"
#include "core/text/lexicon.h"
#include "core/text/number_words.h"
#include "core/text/sentence.h"
#include "core/text/style.h"
#include "core/text/token.h"
#include "core/text/user_lexicon.h"

namespace m2tts {

// One thing to say: a word, the name of a letter, or a pause.
struct SpokenItem {
  enum class Kind { kWord, kLetter, kPause };
  Kind kind = Kind::kWord;
  std::string text;  // word or letter in lower case ("b", "b's"); the mark of a pause
  // The word as written, in lower case, where folding took marks from its letters ("résumé");
  // else empty. Filled in by the normalizer; a lexicon may tell it from the folded word.
  std::string written;
  // Sounds given in the text, which no lexicon may change; else empty.
  Pronunciation given;
  PhonemeId pause = kPad;  // kPause only
  TextRange source;        // filled in by the normalizer, like the class, not by rules
  TokenClass token_class = TokenClass::kWord;
  bool capitalized = false;  // filled in by the normalizer: written with a capital first
};

class SpokenList {
 public:
  explicit SpokenList(const TextStyle& style = {}) : style_(style) {}

  void Word(std::string_view text);   // one lower-case word
  void Words(std::string_view text);  // several, separated by blanks
  void Words(const WordList& words);
  // The same, single letters by name ("u s dollars"); "i" is the pronoun.
  void WordsAndLetters(std::string_view text);
  void Letter(char letter);                // any case
  void Letters(std::string_view letters);  // letters by name, digits as words, the rest left out
  void Pause(PhonemeId pause, std::string_view mark);
  // Numbers in the style of the text; `digits` as in number_words.h.
  void Cardinal(std::string_view digits);
  void Ordinal(std::string_view digits);
  void Decimal(std::string_view whole, std::string_view fraction);
  void Digits(std::string_view digits);  // one by one, or in pairs where the style says so
  void Year(std::string_view digits);    // three or four
  // Whether a style asks for "and" in numbers.
  bool say_and() const { return style_.say_and; }

  std::vector<SpokenItem> items;
  // Why what a rule read is not heard, for a warning; nullptr when there is nothing to warn about.
  const char* skipped = nullptr;

 private:
  TextStyle style_;
};

// What rules see. `lexicon` decides between "spoken as a word" and "spelled".
struct RuleInput {
  const std::vector<Token>& tokens;
  const Lexicon& lexicon;
  const TextStyle& style;
  bool all_caps = false;               // the sentence is a headline: capitals mean nothing in it
  const UserLexicons* user = nullptr;  // may be absent

  // The token at `i`, or an empty pause token beyond either end.
  const Token& At(size_t i) const { return i < tokens.size() ? tokens[i] : kNone; }
  bool Is(size_t i, TokenKind kind) const { return i < tokens.size() && tokens[i].kind == kind; }
  // Whether token `i` is the symbol or mark `c`, touching the token before it when `glued`.
  bool IsMark(size_t i, char c) const {
    return i < tokens.size() && tokens[i].text.size() == 1 && tokens[i].text[0] == c;
  }
  // A word that begins with a capital.
  bool IsCapitalized(size_t i) const { return Is(i, TokenKind::kWord) && IsUpperChar(tokens[i].text[0]); }
  bool Glued(size_t i) const { return i < tokens.size() && !tokens[i].space_before; }

 private:
  inline static const Token kNone{TokenKind::kPause, "", 0, true};
};

using Rule = size_t (*)(const RuleInput& in, size_t i, SpokenList* out);

size_t UserWordRule(const RuleInput& in, size_t i, SpokenList* out);      // words of a user lexicon
size_t MarkdownRule(const RuleInput& in, size_t i, SpokenList* out);      // marks of layout, silent
size_t WebRule(const RuleInput& in, size_t i, SpokenList* out);           // URLs and e-mail
size_t TelephoneRule(const RuleInput& in, size_t i, SpokenList* out);     // 555-1234, (800) 555-1234
size_t ScriptureRule(const RuleInput& in, size_t i, SpokenList* out);     // John 3:16
size_t DateRule(const RuleInput& in, size_t i, SpokenList* out);          // July 25, 2012; 7/25/2012
size_t TimeRule(const RuleInput& in, size_t i, SpokenList* out);          // 10:30 p.m., 5pm
size_t IdentifierRule(const RuleInput& in, size_t i, SpokenList* out);    // code 4821, Flight 370
size_t MoneyRule(const RuleInput& in, size_t i, SpokenList* out);         // $1.5 million, 50 USD
size_t DimensionRule(const RuleInput& in, size_t i, SpokenList* out);     // 1920x1080, 2 x 4 in.
size_t AngleRule(const RuleInput& in, size_t i, SpokenList* out);         // 98.6 degrees F
size_t MeasureRule(const RuleInput& in, size_t i, SpokenList* out);       // 5 km, 20%
size_t FractionRule(const RuleInput& in, size_t i, SpokenList* out);      // 3/4, 24/7
size_t YearRule(const RuleInput& in, size_t i, SpokenList* out);          // in 1984, mid-80s
size_t MathRule(const RuleInput& in, size_t i, SpokenList* out);          // x^2, 6.02e23
size_t RangeRule(const RuleInput& in, size_t i, SpokenList* out);         // 3-5, $5 - $10, 3:1
size_t NumberRule(const RuleInput& in, size_t i, SpokenList* out);        // everything else with digits first
size_t AddressRule(const RuleInput& in, size_t i, SpokenList* out);       // 12 Elm St., Reno, NV 89501
size_t WeekdayRule(const RuleInput& in, size_t i, SpokenList* out);       // Mon-Fri, Tues. 5pm
size_t SerialRule(const RuleInput& in, size_t i, SpokenList* out);        // B-52, v2.1.3
size_t ChatRule(const RuleInput& in, size_t i, SpokenList* out);          // btw, pls, Ctrl
size_t SlashRule(const RuleInput& in, size_t i, SpokenList* out);         // w/o, I/O
size_t RomanRule(const RuleInput& in, size_t i, SpokenList* out);         // Henry VIII, Chapter IV
size_t AbbreviationRule(const RuleInput& in, size_t i, SpokenList* out);  // Mr., e.g., U.S.
size_t AcronymRule(const RuleInput& in, size_t i, SpokenList* out);       // FBI, NASA, CPUs
size_t WordRule(const RuleInput& in, size_t i, SpokenList* out);          // any other word
size_t SymbolRule(const RuleInput& in, size_t i, SpokenList* out);        // & @ # + =
size_t PauseRule(const RuleInput& in, size_t i, SpokenList* out);         // punctuation

// A plain number as written: sign apart, grouping and decimals understood. Shared by the
// families that read amounts.
struct PlainNumber {
  std::string whole;     // digits, without grouping; may be empty (".5")
  std::string fraction;  // digits after the point; empty when there is none
};
// False when `text` is not digits with optional grouping and one decimal point.
bool ParsePlainNumber(std::string_view text, PlainNumber* number);
void SayPlainNumber(const PlainNumber& number, SpokenList* out);
bool IsOne(const PlainNumber& number);

// Letters and digits as serial numbers are said: "747-400", "R2D2".
void SaySerial(std::string_view text, const RuleInput& in, SpokenList* out);

// The number of a month by name or abbreviation, 1 to 12; 0 when it is none.
int MonthNumber(std::string_view word);
const char* MonthName(int month);

}  // namespace m2tts
