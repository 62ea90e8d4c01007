// One batch on the device: begins the sentences that are due, and computes one window of each.
#pragma once

#include <vector>

#include "server/synthesis/synthesis_job.h"

namespace m2tts {

struct StepResult {
  std::shared_ptr<SynthesisJob> job;
  double audio_seconds = 0.0;
  bool finished = false;
};

// Members of one voice, none used by another thread meanwhile. The time on the device is shared
// out by audio seconds.
std::vector<StepResult> ComputeBatch(const std::vector<std::shared_ptr<SynthesisJob>>& jobs,
                                     const std::function<TimePoint()>& now);

}  // namespace m2tts
