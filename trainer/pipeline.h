// The training pipeline: features -> alignment -> acoustic model -> vocoder, each resumed
// from where it stopped.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <set>
#include <string>

#include "core/base/status.h"
#include "trainer/config/train_config.h"
#include "trainer/loop/step_gate.h"

namespace m2tts {

struct PipelineOptions {
  std::filesystem::path run;      // folder for checkpoints, log.jsonl and durations
  std::filesystem::path lexicon;  // compiled lexicon
  std::set<std::string> stages = {"aligner", "acoustic", "vocoder"};
  const std::atomic<bool>* stop = nullptr;  // becomes true: checkpoint and return CANCELLED
  std::optional<double> max_minutes;        // of wall-clock time, then checkpoint and return ABORTED
  std::optional<int64_t> max_steps;         // of all stages together, likewise
  StepGate* gate = nullptr;                 // says when steps may start; none: always
  RunSink* sink = nullptr;                  // hears how it goes; may be absent
  int min_parts = 1;                        // pieces of a batch at least
};

// One of several processes when the environment says so (loop/process_group.h): the first has the folder, the
// others `run`/process-N. FAILED_PRECONDITION when another process trains in the folder. See
// loop/train_loop.h for the rest.
Status RunPipeline(const TrainConfig& config, const PipelineOptions& given);

}  // namespace m2tts
