// Runs a stage from its newest checkpoint to its last step.
//
//   1. load the newest good checkpoint, or write that of step 0
//   2. heat and memory: pause between steps while they are serious, stop when they are critical;
//      the gate, if there is one, says when the step may start
//   3. step (learning rate: linear warm-up, then cosine)
//        out of memory -> clear the caches, halve the pieces of a batch, repeat the step
//        pieces that take longer than requests may wait (on a GPU) -> smaller ones from the next step on
//        no finite loss -> leave the step out; kMaxBadSteps in a row -> back to the newest
//        checkpoint with half the learning rate, kMaxRollbacks times without a new checkpoint
//   4. every validate_every steps: validate, and remember the best; out of memory -> without, with a message
//   5. every checkpoint_every steps, at milestones, at the end, before a pause and on any stop:
//      checkpoint, between steps on a thread of its own; on a full disk, wait for room
//   6. every samples_every steps and at the end: pictures and sounds
//   7. at the last step: end, or go on as long as there is a reason to stay
//
// A step is a function of seed and step number, so a run that was killed continues bit for bit on
// one thread.
#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <string>

#include "core/base/status.h"
#include "trainer/loop/budget.h"
#include "trainer/loop/loop_clock.h"
#include "trainer/loop/process_group.h"
#include "trainer/loop/protection.h"
#include "trainer/loop/run_log.h"
#include "trainer/loop/stage.h"
#include "trainer/loop/step_gate.h"

namespace m2tts {

struct LoopOptions {
  std::filesystem::path folder;             // RUN/STAGE: checkpoints
  std::string config_text;                  // stored in each checkpoint, compared on resumption
  const std::atomic<bool>* stop = nullptr;  // becomes true: checkpoint and return CANCELLED
  Protection* protection = nullptr;         // none: neither heat nor memory matters
  RunBudget* budget = nullptr;              // none: no limits
  StepGate* gate = nullptr;                 // asked before each step; none: always open
  double max_piece_seconds = 0.0;           // see piece_plan.h; 0 = no limit. Needs a gate
  int min_parts = 1;                        // pieces of a batch at least, see Stage::Step
  // Asked at the last step, and then after each tenth of the steps more: why the stage goes on with its rate
  // of then. Empty: it ends. None: it ends in any case.
  std::function<std::string()> stay;
  LoopClock clock;
  ProcessGroup* group = nullptr;  // none: one process. Others than the first write nothing
};

// Learning rate of step `step` of `config.steps`.
double LearningRate(const StageConfig& config, int64_t step);

constexpr int kMaxBadSteps = 10;
constexpr int kMaxRollbacks = 3;

// Errors after which the same call goes on from a checkpoint of the step that was reached:
// CANCELLED (asked to stop), ABORTED (budget spent), UNAVAILABLE (heat or memory critical, another process
// of the run gone).
// FAILED_PRECONDITION: the config changed, see config_change.h. INTERNAL: no finite loss even after
// rollbacks. RESOURCE_EXHAUSTED: out of memory with single clips, or no room on the disk for
// half an hour; the checkpoint before stays.
Status RunStage(Stage* stage, const LoopOptions& options, RunLog* log);

}  // namespace m2tts
