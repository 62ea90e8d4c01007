#include "core/text/markup/ssml_values.h"

#include <array>
#include <cmath>
#include <cstdlib>
#include <string>
#include <utility>

#include "core/text/char_class.h"

namespace m2tts {
namespace {

using Named = std::pair<std::string_view, double>;

template <size_t N>
std::optional<double> FindName(std::string_view text, const std::array<Named, N>& names) {
  for (const auto& [name, value] : names) {
    if (text == name) return value;
  }
  return std::nullopt;
}

// Sign, digits, at most one point; no exponent, no "inf". The rest of the text goes to `unit`.
std::optional<double> Number(std::string_view text, std::string_view* unit) {
  size_t end = 0;
  if (end < text.size() && (text[end] == '+' || text[end] == '-')) ++end;
  const size_t digits = end;
  bool point = false;
  while (end < text.size() && end < 16 && (IsDigitChar(text[end]) || (text[end] == '.' && !point))) {
    point |= text[end] == '.';
    ++end;
  }
  if (end == digits || (end == digits + 1 && point)) return std::nullopt;
  *unit = text.substr(end);
  return std::strtod(std::string(text.substr(0, end)).c_str(), nullptr);
}

bool IsSigned(std::string_view text) {
  return !text.empty() && (text[0] == '+' || text[0] == '-');
}

}  // namespace

std::optional<double> ParseSsmlTime(std::string_view text) {
  std::string_view unit;
  const std::optional<double> value = Number(text, &unit);
  if (!value || *value < 0) return std::nullopt;
  if (unit == "s") return *value;
  if (unit == "ms") return *value / 1000;
  return std::nullopt;
}

std::optional<double> ParseSsmlBreakStrength(std::string_view text) {
  return FindName<6>(
      text,
      {{{"none", 0.0}, {"x-weak", 0.1}, {"weak", 0.2}, {"medium", 0.4}, {"strong", 0.7}, {"x-strong", 1.0}}});
}

std::optional<double> ParseSsmlRate(std::string_view text) {
  if (const auto named = FindName<6>(text, {{{"x-slow", 0.5},
                                             {"slow", 0.75},
                                             {"medium", 1.0},
                                             {"default", 1.0},
                                             {"fast", 1.3},
                                             {"x-fast", 1.7}}})) {
    return named;
  }
  std::string_view unit;
  const std::optional<double> value = Number(text, &unit);
  if (!value) return std::nullopt;
  double rate = *value;
  if (unit == "%") {
    rate = IsSigned(text) ? 1 + *value / 100 : *value / 100;
  } else if (!unit.empty() || IsSigned(text)) {
    return std::nullopt;
  }
  return rate > 0 ? std::optional<double>(rate) : std::nullopt;
}

std::optional<double> ParseSsmlPitch(std::string_view text) {
  if (const auto named = FindName<6>(text, {{{"x-low", -6.0},
                                             {"low", -3.0},
                                             {"medium", 0.0},
                                             {"default", 0.0},
                                             {"high", 3.0},
                                             {"x-high", 6.0}}})) {
    return named;
  }
  std::string_view unit;
  const std::optional<double> value = Number(text, &unit);
  if (!value || !IsSigned(text)) return std::nullopt;
  if (unit == "st") return *value;
  if (unit == "%" && *value > -100) return 12 * std::log2(1 + *value / 100);
  return std::nullopt;
}

std::optional<double> ParseSsmlVolume(std::string_view text) {
  if (const auto named = FindName<7>(text, {{{"silent", 0.0},
                                             {"x-soft", 0.25},
                                             {"soft", 0.5},
                                             {"medium", 1.0},
                                             {"default", 1.0},
                                             {"loud", 1.5},
                                             {"x-loud", 2.0}}})) {
    return named;
  }
  std::string_view unit;
  const std::optional<double> value = Number(text, &unit);
  if (!value || unit != "dB" || !IsSigned(text)) return std::nullopt;
  return std::pow(10.0, *value / 20);
}

}  // namespace m2tts
