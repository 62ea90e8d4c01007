// Runs a stage from its newest checkpoint to its last step.
//
//   1. load the newest good checkpoint, if any
//   2. step (learning rate: linear warm-up, then cosine)
//   3. every validate_every steps: validate, and remember the best
//   4. every checkpoint_every steps, at the end, and on SIGINT or SIGTERM: checkpoint
#pragma once

#include <atomic>
#include <filesystem>
#include <string>

#include "core/base/status.h"
#include "trainer/loop/run_log.h"
#include "trainer/loop/stage.h"

namespace m2tts {

struct LoopOptions {
  std::filesystem::path folder;             // RUN/STAGE: checkpoints
  std::string config_text;                  // stored in each checkpoint
  const std::atomic<bool>* stop = nullptr;  // becomes true: checkpoint and return CANCELLED
};

// Learning rate of step `step` of `config.steps`.
double LearningRate(const StageConfig& config, int64_t step);

// A run of kMaxBadSteps steps without a finite loss is INTERNAL (the last checkpoint is good).
Status RunStage(Stage* stage, const LoopOptions& options, RunLog* log);

}  // namespace m2tts
