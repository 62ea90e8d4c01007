// Degrees: of temperature ("20 °C", "98.6 degrees F", "15-20°"), of an angle, and of
// latitude and longitude (40°26'46"N, "74.0° W").
//
//   degrees    := amount "°" [scale | [minutes "'" [seconds '"']] [compass]]
//               | amount "degrees" scale | amount ("C" | "F")
//
// Without a sign or word, "20C" has to look like a temperature: see SayBareTemperature.
#include "core/text/abbreviation.h"
#include "core/text/char_class.h"
#include "core/text/rules.h"
#include "core/text/rules/amount.h"
#include "core/text/rules/measure.h"

namespace m2tts {
namespace {

const char* ScaleName(std::string_view text) {
  if (text == "C") return "celsius";
  if (text == "F") return "fahrenheit";
  if (text == "K") return "kelvin";
  return nullptr;
}

const char* CompassName(std::string_view text) {
  if (text == "N") return "north";
  if (text == "S") return "south";
  if (text == "E") return "east";
  if (text == "W") return "west";
  return nullptr;
}

// `what` minutes or seconds of arc with its mark, at `at`.
size_t SayArc(const RuleInput& in, size_t at, char mark, const char* what, SpokenList* out) {
  Amount amount;
  if (!in.Is(at, TokenKind::kNumber) || !in.IsMark(at + 1, mark) || !in.Glued(at + 1)) return 0;
  if (!ReadAmount(in, at, &amount) || amount.used != 1 || !amount.trailer.empty()) return 0;
  SayAmount(amount, out);
  out->Word(std::string(what) + (IsSingular(amount.value) ? "" : "s"));
  return 2;
}

template <size_t N>
bool In(const std::string_view (&words)[N], std::string_view word) {
  for (const std::string_view known : words) {
    if (EqualsIgnoreCase(word, known)) return true;
  }
  return false;
}

// What a letter after a number names rather than a scale: "size 10C", "bus 42F".
constexpr std::string_view kLettered[] = {"size",    "type",    "grade",   "class",  "group",
                                          "exhibit", "section", "bus",     "line",   "form",
                                          "model",   "part",    "version", "flight", "vitamin"};

// What stands before temperatures.
constexpr std::string_view kBeforeTemperature[] = {"to",    "of",     "at",   "about", "near",        "above",
                                                   "below", "around", "over", "under", "from",        "until",
                                                   "temp",  "low",    "high", "oven",  "temperature", "bake"};

// "20C", "-5C", "98.6F", "30-32C", "at 40 C". A digit alone, or a number after a name, is none ("5C",
// "seat 14C"), and a scale apart from its number needs more to go by.
size_t SayBareTemperature(const RuleInput& in, size_t i, SpokenList* out) {
  const std::string_view last = in.At(i).text;
  const bool glued = last.back() == 'C' || last.back() == 'F';
  if (!glued && in.At(i + 1).text != "C" && in.At(i + 1).text != "F") return 0;
  Amount amount;
  if (!ReadAmount(in, i, &amount) || amount.used != 1 || amount.value.IsFraction() || amount.hyphen) return 0;
  if (amount.trailer.size() != (glued ? 1U : 0U)) return 0;
  const bool minus = i > 0 && in.Glued(i) && in.IsMark(i - 1, '-');
  const std::string_view before = i > 0 && !minus ? in.At(i - 1).text : "";
  const bool decimal = !amount.value.number.fraction.empty();
  const size_t digits = amount.value.number.whole.size();
  if (digits > 3 || (digits < 2 && !decimal && !minus && !amount.range)) return 0;
  const bool announced = In(kBeforeTemperature, before);
  if (IsPlace(before) || In(kLettered, before) || In(kLettered, in.At(i + 1).text)) return 0;
  const bool name =
      i > 0 && in.IsCapitalized(i - 1) && !IsSentenceStarter(before) && AllAlpha(before);  // not "It's"
  if (name && !announced) return 0;
  // "at 40 C Street", "to 20 C++ files"
  const bool goes_on = in.IsCapitalized(i + 2) || (in.Is(i + 2, TokenKind::kSymbol) && in.Glued(i + 2));
  if (!glued && (goes_on || !(decimal || minus || announced))) return 0;
  SayAmount(amount, out);
  out->Word(!amount.range && IsSingular(amount.value) ? "degree" : "degrees");
  out->Word(ScaleName(glued ? amount.trailer : in.At(i + 1).text));
  return glued ? 1 : 2;
}

}  // namespace

size_t AngleRule(const RuleInput& in, size_t i, SpokenList* out) {
  if (!in.Is(i, TokenKind::kNumber)) return 0;
  if (const size_t used = SayBareTemperature(in, i, out); used != 0) return used;
  const Token& after = in.At(i + 1);
  const bool sign = in.IsMark(i + 1, kDegree);
  if (!sign &&
      !(in.Is(i + 1, TokenKind::kWord) && after.text.size() >= 3 && after.text.substr(0, 3) == "deg")) {
    return 0;
  }
  Amount amount;
  if (!ReadAmount(in, i, &amount) || amount.used != 1 || !amount.trailer.empty()) return 0;
  size_t at = i + 2;
  const char* scale = in.Is(at, TokenKind::kWord) ? ScaleName(in.At(at).text) : nullptr;
  if (!sign && scale == nullptr) return 0;
  SayAmount(amount, out);
  out->Word(IsSingular(amount.value) ? "degree" : "degrees");
  if (scale != nullptr) {
    out->Word(scale);
    return at + 1 - i;
  }
  const size_t minutes = SayArc(in, at, '\'', "minute", out);
  if (minutes > 0) at += minutes + SayArc(in, at + minutes, '"', "second", out);
  if (in.Is(at, TokenKind::kWord)) {
    if (const char* const compass = CompassName(in.At(at).text)) {
      out->Word(compass);
      ++at;
    }
  }
  return at - i;
}

}  // namespace m2tts
