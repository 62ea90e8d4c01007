// How much a call of `train` may do before it stops, resumable: wall-clock time and steps.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <optional>
#include <string>

#include "trainer/loop/loop_clock.h"

namespace m2tts {

// Shared by the stages of a run. One thread at a time.
class RunBudget {
 public:
  RunBudget() = default;  // no limits
  // nullopt: unlimited. Time counts from now.
  RunBudget(std::optional<double> minutes, std::optional<int64_t> steps, const LoopClock& clock = {})
      : minutes_(minutes), steps_(steps), clock_(clock), start_(clock_.now()) {}

  void CountStep() { ++done_; }

  // What is spent, for a message: "60 minutes", "1000 steps"; empty while there is something left.
  std::string Spent() const {
    if (steps_ && done_ >= *steps_) return fmt::format("{} steps", *steps_);
    if (minutes_ && LoopClock::Seconds(clock_.now() - start_).count() >= 60.0 * *minutes_) {
      return fmt::format("{:g} minutes", *minutes_);
    }
    return "";
  }

 private:
  std::optional<double> minutes_;
  std::optional<int64_t> steps_;
  LoopClock clock_;
  LoopClock::Time start_;
  int64_t done_ = 0;
};

}  // namespace m2tts
