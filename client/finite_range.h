// Numbers on the command line.
#pragma once

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cmath>
#include <string>

namespace m2tts {

// A number in [min, max]. CLI::Range lets "nan" pass, which is neither below nor above anything.
inline CLI::Validator FiniteRange(double min, double max) {
  return CLI::Validator(
      [min, max](const std::string& text) -> std::string {
        double value = 0.0;
        const bool number = CLI::detail::lexical_cast(text, value) && std::isfinite(value);
        if (number && value >= min && value <= max) return "";
        return fmt::format("'{}' is no number from {:g} to {:g}", text, min, max);
      },
      "");
}

}  // namespace m2tts
