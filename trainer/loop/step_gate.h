// Where a run meets whoever runs it as a job: the gate says when it may compute, the sink hears how it
// goes. trainer/worker/lease_client.h is both, for a run inside m2ttsd; alone a run has neither.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "core/base/status.h"

namespace m2tts {

class StepGate {
 public:
  virtual ~StepGate() = default;

  // Blocks until the next optimizer step may start, or the run has been asked to stop. Calls `save`,
  // which writes a checkpoint, once it is known to take long; an error of it is returned.
  virtual Status BeforeStep(const std::function<Status()>& save) = 0;

  // Blocks until the next piece of a step or of a validation may start.
  virtual void BeforePiece() = 0;

  // What a piece may take on a device that nothing preempts, seconds; 0 = no limit.
  virtual double max_piece_seconds() const { return 0.0; }
};

// Called by the run's thread; must be quick.
class RunSink {
 public:
  struct Progress {
    std::string stage;
    int64_t step = 0;
    int64_t total = 0;
    std::vector<std::pair<std::string, double>> metrics;  // "loss" first
    double frames_per_second = 0.0;
    double seconds_per_step = 0.0;
  };

  virtual ~RunSink() = default;
  virtual void OnProgress(const Progress& progress) = 0;
  // A line for people.
  virtual void OnMessage(const std::string& text) = 0;
  // New audio, a path below the run's folder.
  virtual void OnSample(const std::string& path) = 0;
};

}  // namespace m2tts
