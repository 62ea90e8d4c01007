// What RUN/log.jsonl tells, as curves. docs/training.md describes the lines.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/status.h"

namespace m2tts {

struct Curve {
  std::string name;
  std::vector<std::pair<int64_t, double>>
      points;  // step, value; steps rise from 0, at most 2^48; values are within 1e300
};

struct StageHistory {
  std::string name;
  std::vector<Curve> training;  // in the order of first appearance
  std::vector<Curve> validation;
  int64_t last_step = 0;
};

// Something other than a step or a validation: a skipped step, a pause, a resumption.
struct RunEvent {
  double time = 0.0;  // Unix seconds
  std::string event;
  std::string stage;
  int64_t step = 0;
  std::string detail;  // the remaining fields
};

struct RunHistory {
  std::vector<StageHistory> stages;  // in the order of first appearance
  std::vector<RunEvent> events;
  // Fields of the last line "run": "version", "hardware", "config", ...
  std::vector<std::pair<std::string, std::string>> facts;
  double started = 0.0;         // Unix seconds of the first line; 0 without lines
  double active_seconds = 0.0;  // from the first line of each call of `train` to its last
  int calls = 0;
  std::vector<std::string> warnings;  // "log.jsonl:17: ...": lines that were passed over
};

// A line that comes with an earlier step than those of its curve before belongs to a run that went
// on from a checkpoint: it takes the place of what it repeats. Damaged lines, and those with a time or step
// that cannot be, become warnings.
RunHistory ParseRunLog(std::string_view text, const std::string& source);

}  // namespace m2tts
