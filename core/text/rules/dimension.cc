// Dimensions and products with "x" or the times sign: "1920x1080", "2x8 m2", "3 x 5 ft",
// 12" x 8". Between numbers that stand alone the sign is a product: "3 x 5 = 15".
#include "core/text/char_class.h"
#include "core/text/rules.h"
#include "core/text/rules/amount.h"
#include "core/text/rules/measure.h"
#include "core/text/rules/unit_table.h"

namespace m2tts {
namespace {

constexpr size_t kMaxSides = 4;

// "1920x1080": every side a plain number, the last perhaps with a unit.
bool SaySides(std::string_view text, const RuleInput& in, SpokenList* out) {
  PlainNumber sides[kMaxSides];
  size_t count = 0;
  size_t at = 0;
  std::string_view unit;
  while (count < kMaxSides) {
    size_t end = at;
    while (end < text.size() && (IsDigitChar(text[end]) || text[end] == '.' || text[end] == ',')) ++end;
    if (end == at || !ParsePlainNumber(text.substr(at, end - at), &sides[count])) return false;
    ++count;
    at = end;
    if (at == text.size()) break;
    if ((text[at] != 'x' && text[at] != 'X') || at + 1 == text.size() || !IsDigitChar(text[at + 1])) {
      unit = text.substr(at);
      break;
    }
    ++at;
  }
  // "9x13-inch"
  const bool adjective = unit.size() > 2 && unit[0] == '-' && AllAlpha(unit.substr(1));
  const Unit* const found = FindUnit(unit);
  if (count < 2 || (!unit.empty() && !adjective && found == nullptr)) return false;
  if (sides[0].whole == "0") return false;  // "0x10" is a number of programmers
  for (size_t k = 0; k < count; ++k) {
    if (k > 0) out->Word("by");
    SayPlainNumber(sides[k], out);
  }
  if (adjective) {
    SayHyphenWords(unit.substr(1), in, out);
  } else if (found != nullptr && found->written == "s") {
    MakePlural(&out->items.back().text);  // "2x4s"
  } else if (found != nullptr) {
    out->Words(UnitWords(*found, false));
  }
  return true;
}

bool EndsAmount(const RuleInput& in, size_t i) {
  return in.Is(i, TokenKind::kNumber) || in.IsMark(i, '"') || in.IsMark(i, '\'') ||
         (in.Is(i, TokenKind::kWord) && FindUnit(in.At(i).text) != nullptr && i > 0 &&
          in.Is(i - 1, TokenKind::kNumber));
}

}  // namespace

size_t DimensionRule(const RuleInput& in, size_t i, SpokenList* out) {
  if (in.Is(i, TokenKind::kNumber)) {
    const std::string_view text = in.At(i).text;
    if (text.size() < 3 || text.find_first_of("xX") == std::string_view::npos || !SaySides(text, in, out))
      return 0;
    return 1 + SayUnitAfter(in, i + 1, out);
  }
  // 12"x8": the sign hangs on the second side.
  const std::string_view word = in.At(i).text;
  if (in.Is(i, TokenKind::kWord) && word.size() > 1 && word[0] == 'x' && i > 0 &&
      (in.IsMark(i - 1, '"') || in.IsMark(i - 1, '\''))) {
    PlainNumber side;
    if (!ParsePlainNumber(word.substr(1), &side)) return 0;
    out->Word("by");
    SayPlainNumber(side, out);
    if (in.IsMark(i + 1, '"')) out->Word(IsOne(side) ? "inch" : "inches");
    if (in.IsMark(i + 1, '\'')) out->Word(IsOne(side) ? "foot" : "feet");
    return in.IsMark(i + 1, '"') || in.IsMark(i + 1, '\'') ? 2 : 1;
  }
  if (!in.IsMark(i, kTimes) && !in.IsMark(i, 'x') && !in.IsMark(i, 'X')) return 0;
  if (i == 0 || !EndsAmount(in, i - 1) || !in.Is(i + 1, TokenKind::kNumber)) return 0;
  if (in.IsMark(i + 2, '=') || (i >= 2 && in.IsMark(i - 2, '='))) {
    out->Word("times");
    return 1;
  }
  // What follows the second number: a unit, a mark of inches or a thing makes it a size, and so
  // does a unit before the sign.
  const std::string_view second = in.At(i + 1).text;
  const bool noun =
      in.Is(i + 2, TokenKind::kWord) && IsLowerChar(in.At(i + 2).text[0]) && in.At(i + 2).text != "is";
  const bool size = !in.Is(i - 1, TokenKind::kNumber) || noun || in.IsMark(i + 2, '"') ||
                    in.IsMark(i + 2, '\'') || in.IsMark(i + 2, 'x') || in.IsMark(i + 2, kTimes) ||
                    IsAlphaChar(second.back()) || (AllDigits(second) && second.size() >= 3);
  out->Word(size ? "by" : "times");
  return 1;
}

}  // namespace m2tts
