// The device executor: one thread, the only one that uses a Synthesizer.
//
// Behaviour: the unit of work is one window of audio of one job, so that cancellation, a
// deadline or a new request waits for one window at most. Order:
//   1. control tasks (Run): loading a voice, for example
//   2. jobs that have made no audio yet, by arrival: everybody's first audio is early
//   3. the others in turn, the one served longest ago first
// A job whose text is not ready, or whose reader lags, is passed over and costs nothing.
//
// Submit, Wake and Run may be called by any thread. Without Start, a test drives the same
// steps itself with RunOne.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "core/base/mutex.h"
#include "server/synthesis/synthesis_job.h"

namespace m2tts {

class DeviceExecutor {
 public:
  DeviceExecutor() = default;
  ~DeviceExecutor();
  DeviceExecutor(const DeviceExecutor&) = delete;
  DeviceExecutor& operator=(const DeviceExecutor&) = delete;

  void Start();
  // Ends the jobs that are left with UNAVAILABLE, then joins.
  void Stop();

  void Submit(std::shared_ptr<SynthesisJob> job);
  // A job's turn() may have changed.
  void Wake();
  // Runs `task` on the device thread between two windows, and waits for it.
  Status Run(std::function<Status()> task);

  // One step: a control task or a window. False when there was nothing to do.
  bool RunOne();

 private:
  struct Entry {
    std::shared_ptr<SynthesisJob> job;
    uint64_t last_served = 0;  // step number
  };

  void Loop();
  bool RunControlTask();
  Entry* Pick();

  Mutex mutex_;
  CondVar changed_;
  std::deque<std::function<void()>> control_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::shared_ptr<SynthesisJob>> arrived_ ABSL_GUARDED_BY(mutex_);
  bool wake_ ABSL_GUARDED_BY(mutex_) = false;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;

  // Device thread.
  std::vector<Entry> entries_;  // by arrival
  uint64_t step_ = 0;
  std::thread thread_;
};

}  // namespace m2tts
