// Degrees: of temperature ("20 °C", "98.6 degrees F", "15-20°"), of an angle, and of
// latitude and longitude (40°26'46"N, "74.0° W").
//
//   degrees    := amount "°" [scale | [minutes "'" [seconds '"']] [compass]]
//               | amount "degrees" scale
#include "core/text/char_class.h"
#include "core/text/rules.h"
#include "core/text/rules/amount.h"

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

}  // namespace

size_t AngleRule(const RuleInput& in, size_t i, SpokenList* out) {
  if (!in.Is(i, TokenKind::kNumber)) return 0;
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
