// How much of the time jobs may compute, so that the machine stays just below the temperature at which
// they would have to pause: a proportional-integral controller on the duty cycle.
//
// Against switching jobs off at a limit and on again below it, it uses more of the heat that the machine
// can carry away, and goes less far beyond the limit (tests/server/jobs/duty_controller_test.cc holds
// both against a simulated machine). Pure; one thread at a time.
#pragma once

#include <algorithm>
#include <optional>

#include "core/device/levels.h"

namespace m2tts {

class DutyController {
 public:
  // Aims at limits.serious - limits.hysteresis / 2.
  explicit DutyController(const LevelLimits& limits)
      : target_(limits.serious - limits.hysteresis / 2.0),
        gain_(1.0 / std::max(limits.hysteresis, kMinBand)) {}

  // The duty in [0, 1] for the next `seconds`, after a reading. 1 while the temperature is unknown.
  double Update(std::optional<double> celsius, double seconds) {
    if (!celsius.has_value() || !(*celsius > -273.15 && *celsius < 1000.0)) return 1.0;
    const double error = target_ - *celsius;  // positive: there is room
    // Within its bounds, so that a long cool time does not have to be paid back first.
    integral_ = Clamp(integral_ + gain_ * error * seconds / kIntegralSeconds);
    return Clamp(integral_ + gain_ * error);
  }

 private:
  static constexpr double kMinBand = 1.0;  // degrees
  static constexpr double kIntegralSeconds = 60.0;
  static double Clamp(double value) { return std::min(1.0, std::max(0.0, value)); }

  const double target_;
  const double gain_;  // duty per degree
  double integral_ = 1.0;
};

}  // namespace m2tts
