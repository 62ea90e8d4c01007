// Measures how long the pieces of a step take, in front of the gate that lets them start. A stage reads each
// piece's losses before it asks for the next one, so that what was queued on a GPU is done by then.
#pragma once

#include <algorithm>
#include <functional>
#include <optional>

#include "trainer/loop/loop_clock.h"
#include "trainer/loop/step_gate.h"

namespace m2tts {

// One thread at a time. `gate` must outlive it.
class PieceTimer : public StepGate {
 public:
  PieceTimer(StepGate* gate, LoopClock clock) : gate_(gate), clock_(std::move(clock)) {}

  Status BeforeStep(const std::function<Status()>& save) override { return gate_->BeforeStep(save); }
  void BeforePiece() override {
    End();
    gate_->BeforePiece();
    begun_ = clock_.now();
  }

  void StartStep() {
    begun_.reset();
    longest_ = {};
  }
  // Seconds of the longest piece since StartStep, without the waiting for the gate; 0 = there was none.
  double EndStep() {
    End();
    return longest_.count();
  }

 private:
  void End() {
    if (begun_) longest_ = std::max(longest_, LoopClock::Seconds(clock_.now() - *begun_));
    begun_.reset();
  }

  StepGate* const gate_;
  const LoopClock clock_;
  std::optional<LoopClock::Time> begun_;  // of the piece in hand
  LoopClock::Seconds longest_{};
};

}  // namespace m2tts
