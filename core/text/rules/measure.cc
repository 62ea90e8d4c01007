// Measures: a number with a unit ("5 km", "20kg", "60 mph", "10 km/h"), percent, degrees.
#include <array>

#include "core/text/char_class.h"
#include "core/text/rules.h"

namespace m2tts {
namespace {

struct Unit {
  std::string_view written;
  const char* one;
  const char* many;
  bool needs_glue = false;  // letters that also are words: only right after the digits
};

constexpr std::array kUnits = {
    Unit{"km", "kilometer", "kilometers"},
    Unit{"cm", "centimeter", "centimeters"},
    Unit{"mm", "millimeter", "millimeters"},
    Unit{"m", "meter", "meters"},
    Unit{"mi", "mile", "miles"},
    Unit{"ft", "foot", "feet"},
    Unit{"ft.", "foot", "feet"},
    Unit{"in", "inch", "inches", true},
    Unit{"in.", "inch", "inches", true},
    Unit{"yd", "yard", "yards"},
    Unit{"yds", "yard", "yards"},
    Unit{"kg", "kilogram", "kilograms"},
    Unit{"g", "gram", "grams"},
    Unit{"mg", "milligram", "milligrams"},
    Unit{"lb", "pound", "pounds"},
    Unit{"lbs", "pound", "pounds"},
    Unit{"oz", "ounce", "ounces"},
    Unit{"ml", "milliliter", "milliliters"},
    Unit{"mL", "milliliter", "milliliters"},
    Unit{"l", "liter", "liters"},
    Unit{"L", "liter", "liters"},
    Unit{"mph", "mile per hour", "miles per hour"},
    Unit{"kph", "kilometer per hour", "kilometers per hour"},
    Unit{"h", "hour", "hours"},
    Unit{"hr", "hour", "hours"},
    Unit{"hrs", "hour", "hours"},
    Unit{"min", "minute", "minutes"},
    Unit{"sec", "second", "seconds"},
    Unit{"s", "second", "seconds", true},
    Unit{"ms", "millisecond", "milliseconds"},
    Unit{"Hz", "hertz", "hertz"},
    Unit{"kHz", "kilohertz", "kilohertz"},
    Unit{"MHz", "megahertz", "megahertz"},
    Unit{"GHz", "gigahertz", "gigahertz"},
    Unit{"KB", "kilobyte", "kilobytes"},
    Unit{"kB", "kilobyte", "kilobytes"},
    Unit{"MB", "megabyte", "megabytes"},
    Unit{"GB", "gigabyte", "gigabytes"},
    Unit{"TB", "terabyte", "terabytes"},
    Unit{"W", "watt", "watts"},
    Unit{"kW", "kilowatt", "kilowatts"},
    Unit{"kWh", "kilowatt hour", "kilowatt hours"},
    Unit{"MW", "megawatt", "megawatts"},
    Unit{"V", "volt", "volts"},
    Unit{"dB", "decibel", "decibels"},
    Unit{"tsp", "teaspoon", "teaspoons"},
    Unit{"tbsp", "tablespoon", "tablespoons"},
    Unit{"sq", "square", "square"},
};

const Unit* FindUnit(std::string_view text) {
  for (const Unit& unit : kUnits) {
    if (unit.written == text) return &unit;
  }
  return nullptr;
}

// "°C" and "°F" after a number, "°" alone. Returns the tokens read from `at`.
size_t SayDegrees(const RuleInput& in, size_t at, const PlainNumber& number, SpokenList* out) {
  if (!in.IsMark(at, kDegree)) return 0;
  out->Word(IsOne(number) ? "degree" : "degrees");
  const std::string_view scale = in.At(at + 1).text;
  if (in.Is(at + 1, TokenKind::kWord) && in.Glued(at + 1)) {
    if (scale == "C") out->Word("celsius");
    if (scale == "F") out->Word("fahrenheit");
    if (scale == "C" || scale == "F") return 2;
  }
  return 1;
}

void SayUnit(const Unit& unit, bool one, const char* power, SpokenList* out) {
  if (power != nullptr) out->Word(power);
  out->Words(one ? unit.one : unit.many);
}

}  // namespace

size_t SayUnitAfter(const RuleInput& in, size_t i, SpokenList* out) {
  const Unit* const unit = in.Is(i, TokenKind::kWord) ? FindUnit(in.At(i).text) : nullptr;
  if (unit == nullptr || unit->needs_glue) return 0;
  SayUnit(*unit, false, nullptr, out);
  return 1;
}

size_t MeasureRule(const RuleInput& in, size_t i, SpokenList* out) {
  if (!in.Is(i, TokenKind::kNumber)) return 0;
  const std::string_view text = in.At(i).text;
  size_t digits = text.size();
  while (digits > 0 && IsAlphaChar(text[digits - 1])) --digits;
  const bool glued = digits < text.size();
  std::string_view amount = text.substr(0, digits);
  if (glued && !amount.empty() && amount.back() == '-') amount.remove_suffix(1);  // "5-km run"
  PlainNumber number;
  PlainNumber from;
  const size_t dash = amount.find_first_of("-\x81");
  const bool range = dash != std::string_view::npos;
  if (range && !ParsePlainNumber(amount.substr(0, dash), &from)) return 0;
  if (!ParsePlainNumber(range ? amount.substr(dash + 1) : amount, &number)) return 0;

  const Unit* unit = nullptr;
  size_t used = 1;
  bool percent = false;
  bool degrees = false;
  if (glued) {
    unit = FindUnit(text.substr(digits));
    if (unit != nullptr && unit->written == "s" && amount.size() != 1) return 0;  // "1990s"
  } else if (in.IsMark(i + 1, '%')) {
    percent = true;
    used = 2;
  } else if (in.IsMark(i + 1, kDegree)) {
    degrees = true;
  } else if (in.Is(i + 1, TokenKind::kWord)) {
    unit = FindUnit(in.At(i + 1).text);
    if (unit != nullptr && unit->needs_glue) unit = nullptr;
    // "Gate 5 W" and "5 m" differ by nothing but habit: capitals alone are units only with digits.
    if (unit != nullptr && unit->written.size() == 1 && IsUpperChar(unit->written[0])) unit = nullptr;
    used = 2;
  }
  if (unit == nullptr && !percent && !degrees) return 0;
  if (range) {
    SayPlainNumber(from, out);
    out->Word("to");
  }
  SayPlainNumber(number, out);
  if (percent) {
    out->Word("percent");
    return used;
  }
  if (degrees) return 1 + SayDegrees(in, i + 1, number, out);

  const bool squared = in.IsMark(i + used, kSquared) && in.Glued(i + used);
  const bool cubed = in.IsMark(i + used, kCubed) && in.Glued(i + used);
  SayUnit(*unit, IsOne(number), squared ? "square" : cubed ? "cubic" : nullptr, out);
  if (squared || cubed) ++used;
  if (in.IsMark(i + used, '/') && in.Glued(i + used) && in.Glued(i + used + 1)) {
    if (const Unit* const per = FindUnit(in.At(i + used + 1).text)) {
      out->Word("per");
      used += 2;
      const bool per_squared = in.IsMark(i + used, kSquared) && in.Glued(i + used);
      const bool per_cubed = in.IsMark(i + used, kCubed) && in.Glued(i + used);
      SayUnit(*per, true, per_squared ? "square" : per_cubed ? "cubic" : nullptr, out);
      if (per_squared || per_cubed) ++used;
    }
  }
  return used;
}

}  // namespace m2tts
