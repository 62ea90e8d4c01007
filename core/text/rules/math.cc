// Simple arithmetic and powers.
//
//   operators  "5 - 3 = 2" (minus beside an equals sign), "10 / 2", ">= 3", "!=", "<="
//   powers     "x^2" (squared), "2^10" (to the tenth), "10^-3", "10" with superscript digits
//   science    "6.02e23", "1.6E-19": "six point zero two times ten to the twenty third"
//
// Plus, equals, times and the signs that need no context are SymbolRule's; "3 x 5" is
// DimensionRule's.
#include "core/text/char_class.h"
#include "core/text/rules.h"
#include "core/text/rules/measure.h"

namespace m2tts {
namespace {

constexpr size_t kMaxExponentDigits = 6;

void SayExponent(bool minus, std::string_view digits, SpokenList* out) {
  if (!minus && (digits == "2" || digits == "3")) {
    out->Word(digits == "2" ? "squared" : "cubed");
    return;
  }
  out->Words("to the");
  if (minus) out->Word("minus");
  out->Ordinal(digits);
}

char SuperscriptDigit(const RuleInput& in, size_t i) {
  if (!in.Is(i, TokenKind::kSymbol) || !in.Glued(i)) return 0;
  return in.IsMark(i, kSquared) ? '2' : in.IsMark(i, kCubed) ? '3' : 0;
}

// "^2", "^-3", "^n", and runs of superscripts.
size_t Power(const RuleInput& in, size_t i, SpokenList* out) {
  std::string digits;
  size_t at = i;
  bool minus = false;
  if (in.IsMark(at, '^')) {
    ++at;
    if (in.IsMark(at, '-') && in.Is(at + 1, TokenKind::kNumber)) {
      minus = true;
      ++at;
    }
    const std::string_view text = in.At(at).text;
    if (!in.Is(at, TokenKind::kNumber) || !AllDigits(text) || text.size() > kMaxExponentDigits) return 0;
    digits = text;
    ++at;
  }
  while (digits.size() < kMaxExponentDigits && SuperscriptDigit(in, at) != 0)
    digits.push_back(SuperscriptDigit(in, at++));
  if (digits.empty() || i == 0) return 0;
  SayExponent(minus, digits, out);
  return at - i + SayUnitAfter(in, at, out);
}

// "6.02e23" whole.
size_t Scientific(std::string_view text, SpokenList* out) {
  const size_t e = text.find_first_of("eE");
  if (e == std::string_view::npos || e == 0 || e + 1 >= text.size()) return 0;
  PlainNumber mantissa;
  std::string_view exponent = text.substr(e + 1);
  const bool minus = exponent[0] == '-';
  if (minus) exponent.remove_prefix(1);
  if (!AllDigits(exponent) || exponent.size() > 3 || !ParsePlainNumber(text.substr(0, e), &mantissa))
    return 0;
  // "3E8" may be the number of a flat; a decimal or a long exponent is science.
  if (mantissa.fraction.empty() && exponent.size() < 2 && text[e] == 'E' && !minus) return 0;
  SayPlainNumber(mantissa, out);
  out->Words("times ten to the");
  if (minus) out->Word("minus");
  out->Ordinal(exponent);
  return 1;
}

// Whether another operator stands one operand away: "3x - 5 + y".
bool OperatorNear(const RuleInput& in, size_t i) {
  for (const size_t at : {i + 2, i - 2}) {
    if (!in.Is(at, TokenKind::kSymbol)) continue;  // beyond the beginning, too
    for (const char sign : {'+', '*', kTimes, kDivide}) {
      if (in.IsMark(at, sign)) return true;
    }
  }
  return false;
}

bool EqualsNear(const RuleInput& in, size_t i) {
  return in.IsMark(i + 2, '=') || in.IsMark(i + 3, '=') || (i >= 2 && in.IsMark(i - 2, '=')) ||
         (i >= 3 && in.IsMark(i - 3, '='));
}

bool IsOperand(const RuleInput& in, size_t i) {
  if (in.Is(i, TokenKind::kNumber) || in.IsMark(i, ')') || in.IsMark(i, '(')) return true;
  return in.Is(i, TokenKind::kWord) && in.At(i).text.size() == 1;
}

}  // namespace

size_t MathRule(const RuleInput& in, size_t i, SpokenList* out) {
  const Token& token = in.At(i);
  if (token.kind == TokenKind::kNumber) {
    return token.text.size() >= 3 && token.text.size() <= 24 ? Scientific(token.text, out) : 0;
  }
  if (token.kind == TokenKind::kWord || token.kind == TokenKind::kWeb) return 0;
  const char sign = token.text[0];
  const bool before_equals = in.IsMark(i + 1, '=') && in.Glued(i + 1);
  switch (sign) {
    case '+':
      // "+/-", whose dash the tokenizer may have taken for decoration.
      if (!in.IsMark(i + 1, '/') || !in.Glued(i + 1)) return 0;
      if (!in.IsMark(i + 2, '-') && in.Glued(i + 2)) return 0;
      out->Words("plus or minus");
      return in.IsMark(i + 2, '-') ? 3 : 2;
    case '^':
    case kSquared:
    case kCubed:
      return Power(in, i, out);
    case '>':
    case '<':
      if (!before_equals) return 0;
      out->Words(sign == '>' ? "greater than or equal to" : "less than or equal to");
      return 2;
    case '!':
      if (!before_equals || i == 0) return 0;
      out->Words("not equal to");
      return 2;
    case '/':
      // \"5V/2A\" is a stroke.
      if (in.Glued(i) && in.Glued(i + 1) && !EqualsNear(in, i)) return 0;
      if (i == 0 || !in.Is(i - 1, TokenKind::kNumber) || !in.Is(i + 1, TokenKind::kNumber)) return 0;
      out->Words("divided by");
      return 1;
    case '-':
    case kEnDash:
      if (i == 0 || token.text.size() > 1 || !IsOperand(in, i - 1) || !IsOperand(in, i + 1) ||
          !(EqualsNear(in, i) || OperatorNear(in, i)))
        return 0;
      out->Word("minus");
      return 1;
    default:
      return 0;
  }
}

}  // namespace m2tts
