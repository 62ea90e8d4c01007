// Symbols that are said, and punctuation that is heard.
#include <array>

#include "core/text/char_class.h"
#include "core/text/rules.h"

namespace m2tts {
namespace {

struct Symbol {
  char sign;
  const char* words;
};

constexpr std::array kSymbols = {
    Symbol{'&', "and"},
    Symbol{'@', "at"},
    Symbol{'%', "percent"},
    Symbol{'+', "plus"},
    Symbol{'-', "minus"},
    Symbol{'=', "equals"},
    Symbol{'<', "less than"},
    Symbol{'>', "greater than"},
    Symbol{'/', "slash"},
    Symbol{'\\', "backslash"},
    Symbol{'*', "times"},
    Symbol{'^', "to the"},
    Symbol{'~', "about"},
    Symbol{'$', "dollars"},
    Symbol{kPound, "pounds"},
    Symbol{kEuro, "euros"},
    Symbol{kYen, "yen"},
    Symbol{kWon, "won"},
    Symbol{kRupee, "rupees"},
    Symbol{kCent, "cents"},
    Symbol{kDegree, "degrees"},
    Symbol{kSectionSign, "section"},
    Symbol{kPilcrow, "paragraph"},
    Symbol{kPlusMinus, "plus or minus"},
    Symbol{kTimes, "times"},
    Symbol{kDivide, "divided by"},
    Symbol{kSquared, "squared"},
    Symbol{kCubed, "cubed"},
    Symbol{kMicro, "micro"},
    Symbol{kCopyright, "copyright"},
    Symbol{kRegistered, "registered"},
    Symbol{kTrademark, "trademark"},
    Symbol{kApproximately, "approximately"},
    Symbol{kNotEqual, "not equal to"},
    Symbol{kLessEqual, "less than or equal to"},
    Symbol{kGreaterEqual, "greater than or equal to"},
};

PhonemeId PauseOf(std::string_view mark) {
  switch (mark[0]) {
    case '?':
      return kQuestion;
    case '!':
      return kExclamation;
    case '.':
    case ':':
    case kEllipsis:
      return kLongPause;
    default:
      return kShortPause;
  }
}

}  // namespace

size_t SymbolRule(const RuleInput& in, size_t i, SpokenList* out) {
  if (!in.Is(i, TokenKind::kSymbol)) return 0;
  const char sign = in.At(i).text[0];
  if (in.At(i).text.size() > 1) {  // an arrow
    out->Word(sign == '<' && in.At(i).text.back() == '-' ? "from" : "to");
    return 1;
  }
  if (sign == '#') {
    // "#1" is a number, "C#" a note or a language; tags are WebRule's.
    const bool sharp =
        i > 0 && in.Glued(i) && in.At(i - 1).text.size() == 1 && IsUpperChar(in.At(i - 1).text[0]);
    out->Word(in.Is(i + 1, TokenKind::kNumber) && in.Glued(i + 1) ? "number" : sharp ? "sharp" : "hash");
    return 1;
  }
  // "and/or", "his/her": the stroke is not read.
  if (sign == '/' && i > 0 && in.Is(i - 1, TokenKind::kWord) && in.Is(i + 1, TokenKind::kWord) &&
      in.Glued(i) && in.Glued(i + 1)) {
    return 1;
  }
  for (const Symbol& symbol : kSymbols) {
    if (symbol.sign == sign) {
      out->Words(symbol.words);
      return 1;
    }
  }
  return 0;
}

size_t PauseRule(const RuleInput& in, size_t i, SpokenList* out) {
  const std::string_view mark = in.At(i).text;
  const PhonemeId pause = PauseOf(mark);
  // Private bytes of folded text do not leave core/text.
  const char* const written = pause == kQuestion      ? "?"
                              : pause == kExclamation ? "!"
                              : mark[0] == kEllipsis  ? "..."
                              : pause == kLongPause   ? (mark[0] == ':'    ? ":"
                                                         : mark.size() > 1 ? "..."
                                                                           : ".")
                              : mark[0] == ';'        ? ";"
                                                      : ",";
  out->Pause(pause, written);
  return 1;
}

}  // namespace m2tts
