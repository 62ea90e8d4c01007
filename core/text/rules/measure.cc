// Measures: an amount (amount.h) and what it counts.
//
//   measure := amount "%" | amount unit | amount prime
//   unit    := ["sq" | "cu" | "fl" | micro sign] name [power] ["/" unit | "/" word]
//   power   := "2" | "3" | "^2" | superscript
//   prime   := feet "'" [inches '"'] | inches '"'
//
// "5 km", "3-5kg", "10 km/h", "2 1/2 in.", "5 m/s^2", "500 sq. ft.", "5 um", "10-km" (an
// adjective: singular), 5'10". Degrees are angle.cc's.
#include "core/text/rules/measure.h"

#include "core/text/char_class.h"
#include "core/text/rules/amount.h"
#include "core/text/rules/unit_table.h"

namespace m2tts {
namespace {

std::string_view WithoutStop(std::string_view text) {
  return text.size() > 1 && text.back() == '.' ? text.substr(0, text.size() - 1) : text;
}

// "square" or "cubic" for a power of 2 or 3 in whatever form; `*used` counts its tokens.
const char* ReadPower(const RuleInput& in, size_t at, size_t* used) {
  if (!in.Glued(at) || !in.Is(at, TokenKind::kSymbol)) return nullptr;
  if (in.IsMark(at, kSquared) || in.IsMark(at, kCubed)) {
    *used = 1;
    return in.IsMark(at, kSquared) ? "square" : "cubic";
  }
  if (!in.IsMark(at, '^')) return nullptr;
  *used = 2;
  const std::string_view exponent = in.At(at + 1).text;
  return exponent == "2" ? "square" : exponent == "3" ? "cubic" : nullptr;
}

// A unit with its power in the word itself: "m2", "cm3".
const Unit* FindPowered(std::string_view text, const char** power) {
  *power = nullptr;
  if (const Unit* const unit = FindUnit(text)) return unit;
  if (text.size() < 2 || (text.back() != '2' && text.back() != '3')) return nullptr;
  const Unit* const unit = FindUnit(text.substr(0, text.size() - 1));
  // "s2" is a power only under a stroke, where nothing else is meant.
  if (unit == nullptr) return nullptr;
  *power = text.back() == '2' ? "square" : "cubic";
  return unit;
}

void SayPowered(const Unit& unit, const char* power, bool singular, SpokenList* out) {
  // "meters per second squared": time is not square.
  const bool time = unit.written == "s" || unit.written == "h" || unit.written == "min";
  if (power != nullptr && !time) out->Word(power);
  out->Words(UnitWords(unit, singular));
  if (power != nullptr && time) out->Word(power[0] == 's' ? "squared" : "cubed");
}

// A unit that starts at token `at`; `name` is the part of that token that names it. Returns
// the tokens read, 0 when it is none.
size_t SayUnit(const RuleInput& in, size_t at, std::string_view name, bool singular, SpokenList* out) {
  const char* power = nullptr;
  size_t used = 1;
  if (in.IsMark(at, kMicro) && in.Is(at + 1, TokenKind::kWord) && in.Glued(at + 1)) {
    const Unit* const unit = FindUnit(in.At(at + 1).text);
    if (unit == nullptr) return 0;
    out->Word("micro" + UnitWords(*unit, singular));
    return 2;
  }
  const Unit* const unit = FindPowered(WithoutStop(name), &power);
  if (unit == nullptr) return 0;
  if (unit->written == "sq" || unit->written == "cu" || unit->written == "fl") {
    const Unit* const measured = FindUnit(WithoutStop(in.At(at + 1).text));
    const bool ounce = measured != nullptr && measured->written == "oz";
    if (measured == nullptr || ounce != (unit->written == "fl")) return 0;
    out->Word(unit->one);
    out->Words(UnitWords(*measured, singular));
    used = 2;
  } else {
    size_t power_tokens = 0;
    if (power == nullptr) power = ReadPower(in, at + 1, &power_tokens);
    if (power != nullptr) used += power_tokens;
    SayPowered(*unit, power, singular, out);
  }
  return used + SayPer(in, at + used, out);
}

// "in" is nearly always the preposition: an inch has a full stop, ends its phrase, or goes
// with feet or another inch.
bool IsInch(const RuleInput& in, size_t at) {
  if (at + 1 >= in.tokens.size() || in.Is(at + 1, TokenKind::kPause)) return true;
  if (in.At(at + 1).begin - in.At(at).end() > 1) return true;  // a full stop that the tokenizer took
  const std::string_view next = in.At(at + 1).text;
  if (next == "x" || in.IsMark(at + 1, kTimes)) return true;
  for (const std::string_view word : {"wide", "tall", "long", "deep", "high", "thick", "across"}) {
    if (next == word) return true;
  }
  return at >= 2 &&
         (in.At(at - 2).text == "ft" || in.At(at - 2).text == "ft." || in.At(at - 2).text == "feet");
}

// The unit at `at` when it may stand apart from its number.
bool IsSpacedUnit(const RuleInput& in, size_t at) {
  if (in.IsMark(at, kMicro)) return true;
  if (!in.Is(at, TokenKind::kWord)) return false;
  const char* power = nullptr;
  const std::string_view text = WithoutStop(in.At(at).text);
  const Unit* const unit = FindPowered(text, &power);
  if (unit == nullptr) return false;
  if (unit->written == "in") return IsInch(in, at);
  return unit->where != Unit::kGlued;
}

// 5'10", 6', 12".
size_t SayPrimes(const RuleInput& in, size_t i, const Amount& amount, SpokenList* out) {
  const size_t mark = i + amount.used;
  const bool one = IsSingular(amount.value);
  if (in.IsMark(mark, '"')) {
    SayAmount(amount, out);
    out->Word(one ? "inch" : "inches");
    return amount.used + 1;
  }
  const bool inches = in.IsMark(mark + 2, '"') && in.Glued(mark + 2);
  Amount rest;
  SayAmount(amount, out);
  if (in.Is(mark + 1, TokenKind::kNumber) && (in.Glued(mark + 1) || inches) &&
      ReadAmount(in, mark + 1, &rest) && rest.trailer.empty()) {
    out->Word("foot");
    SayAmount(rest, out);
    const size_t end = mark + 1 + rest.used;
    return end - i + (in.IsMark(end, '"') || in.IsMark(end, '\'') ? 1 : 0);  // 5'10" and 5'10''
  }
  out->Word(one ? "foot" : "feet");
  return amount.used + 1;
}

// "wait 30s": seconds, and no decade.
bool Lasts(std::string_view word) {
  for (const std::string_view known : {"wait", "waits", "sleep", "sleeps", "takes", "took", "lasts", "lasted",
                                       "within", "every", "timeout", "delay"}) {
    if (EqualsIgnoreCase(word, known)) return true;
  }
  return false;
}

}  // namespace

bool IsPlace(std::string_view word) {
  if (word.size() > 4 && word.back() == 's') word.remove_suffix(1);  // "seats 12A and 12B"
  for (const std::string_view place :
       {"route", "exit", "gate", "room", "seat", "unit", "apartment", "apt", "apt.", "suite", "highway",
        "runway", "building", "row", "platform", "lot", "bay"}) {
    if (EqualsIgnoreCase(word, place)) return true;
  }
  return false;
}

size_t SayPer(const RuleInput& in, size_t at, SpokenList* out) {
  if (!in.IsMark(at, '/') || !in.Glued(at) || !in.Is(at + 1, TokenKind::kWord) || !in.Glued(at + 1)) return 0;
  const std::string_view text = in.At(at + 1).text;
  const char* power = nullptr;
  if (text == "ea") {
    out->Word("each");
    return 2;
  }
  if (text == "sq" || text == "sq." || FindPowered(WithoutStop(text), &power) != nullptr) {
    out->Word("per");
    return 1 + SayUnit(in, at + 1, text, true, out);
  }
  if (!AllAlpha(text) || text.size() < 3 || !IsLowerChar(text[0])) return 0;
  out->Word("per");
  out->Word(ToLower(text));
  return 2;
}

size_t SayUnitAfter(const RuleInput& in, size_t at, SpokenList* out) {
  return IsSpacedUnit(in, at) ? SayUnit(in, at, in.At(at).text, false, out) : 0;
}

size_t MeasureRule(const RuleInput& in, size_t i, SpokenList* out) {
  if (!in.Is(i, TokenKind::kNumber)) return 0;
  Amount amount;
  if (!ReadAmount(in, i, &amount)) return 0;
  const size_t next = i + amount.used;
  if (!amount.trailer.empty()) {
    // "6ft2": the height of a person, no area.
    if (amount.trailer.size() > 2 && amount.trailer.substr(0, 2) == "ft" &&
        AllDigits(amount.trailer.substr(2))) {
      SayAmount(amount, out);
      out->Word("foot");
      out->Cardinal(amount.trailer.substr(2));
      return amount.used;
    }
    const char* power = nullptr;
    const Unit* const unit = FindPowered(amount.trailer, &power);
    if (unit == nullptr || unit->where == Unit::kSpaced) return 0;
    if (unit->written.size() == 1 && IsUpperChar(unit->written[0]) && i > 0 && IsPlace(in.At(i - 1).text))
      return 0;
    // "the 1990s", "in her 20s": tens in the plural.
    const bool tens = amount.value.number.whole.size() > 1 && amount.value.number.whole.back() == '0';
    if (unit->written == "s" && (tens || amount.value.number.whole.size() > 2) &&
        !(i > 0 && Lasts(in.At(i - 1).text)))
      return 0;
    SayAmount(amount, out);
    return amount.used - 1 +
           SayUnit(in, next - 1, amount.trailer, amount.hyphen || IsSingular(amount.value), out);
  }
  if (in.IsMark(next, '%')) {
    SayAmount(amount, out);
    out->Word("percent");
    return amount.used + 1;
  }
  if (in.Is(next, TokenKind::kSymbol) && (in.IsMark(next, '"') || in.IsMark(next, '\''))) {
    return SayPrimes(in, i, amount, out);
  }
  // "100 million kg"
  const char* const magnitude = in.Is(next, TokenKind::kWord) ? MagnitudeWord(in.At(next).text) : nullptr;
  const size_t unit = next + (magnitude != nullptr ? 1 : 0);
  if (!IsSpacedUnit(in, unit)) return 0;
  const size_t mark = out->items.size();
  SayAmount(amount, out);
  if (magnitude != nullptr) out->Word(magnitude);
  const size_t used =
      SayUnit(in, unit, in.At(unit).text, magnitude == nullptr && IsSingular(amount.value), out);
  if (used == 0) {
    out->items.resize(mark);
    return 0;
  }
  return unit - i + used;
}

}  // namespace m2tts
