// The device executor: the lanes that compute, and the only threads that use a Synthesizer.
//
// Behaviour: each lane is a thread that takes a batch from the scheduler (scheduler.h says which),
// computes one window of each member, and gives them back. One lane on MPS and CUDA, where a
// second thread would only queue up, or abort; on the CPU one per core, each with one
// intra-op thread: two OpenMP threads on one operator cost more than they bring when anything else
// runs. Work wakes the first lane that is idle: while there is little of it, one lane does it all, with warm
// caches and one heap. Control tasks (loading a voice) run on lane 0 between two batches.
//
// A lane that computes longer than `stall` is stuck, or one at a control task for longer than
// `control_stall`: its jobs end with UNAVAILABLE, and when no lane is left, so do those that wait. Nobody
// hangs. How each batch went is told to a listener; device_recovery.h says what follows.
//
// Submit, Wake, Run, CancelAll and CheckStalls may be called by any thread. Without Start, a test drives the
// same steps itself with RunOne.
#pragma once

#include <deque>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "core/base/mutex.h"
#include "server/synthesis/scheduler.h"
#include "server/synthesis/synthesis_job.h"

namespace m2tts {

struct ExecutorOptions {
  int lanes = 1;
  int threads_per_lane = 1;  // intra-op
  SchedulerOptions scheduler;
  std::chrono::milliseconds stall{30'000};  // of a batch
  // Of a control task: a large voice comes from a slow disk, and is tried on each device.
  std::chrono::milliseconds control_stall{300'000};
};

struct BatchOutcome {
  size_t size = 0;        // members
  bool computed = false;  // some member got audio
  Status error;           // of the device, when none did
  bool speaks = false;    // although the device spoke the golden sentence after each of them
};

class DeviceExecutor {
 public:
  explicit DeviceExecutor(const ExecutorOptions& options = {},
                          std::function<TimePoint()> now = std::chrono::steady_clock::now);
  ~DeviceExecutor();
  DeviceExecutor(const DeviceExecutor&) = delete;
  DeviceExecutor& operator=(const DeviceExecutor&) = delete;

  // Before Start. Hears of each batch, by its lane.
  void OnBatch(std::function<void(const BatchOutcome&)> listener) { on_batch_ = std::move(listener); }

  void Start();
  // Ends the jobs that are left with UNAVAILABLE, then joins.
  void Stop();

  void Submit(const std::shared_ptr<SynthesisJob>& job);
  // A job's turn() may have changed.
  void Wake();
  // Runs `task` on lane 0 between two batches, and waits for it.
  Status Run(std::function<Status()> task);

  // Ends the jobs of lanes that are stuck, with UNAVAILABLE; all jobs, when every lane is. True while any
  // is. Call about once a second.
  bool CheckStalls();

  // Ends every job with `reason`, before its next window.
  void CancelAll(const Status& reason);

  // The largest batch from now on: no more than the options allow.
  void SetMaxBatch(int max_batch) ABSL_LOCKS_EXCLUDED(mutex_);

  // Whether anything is computed or could be, now. A control task counts.
  bool busy() const;
  int lanes() const { return options_.lanes; }

  // One step of lane 0: a control task or a batch. False when there was nothing to do.
  bool RunOne();

 private:
  struct Lane {
    std::vector<Scheduler::JobPtr> batch;  // being computed
    TimePoint since;
    bool busy = false;
    bool control = false;  // with a control task
    bool stalled = false;
    bool idle = false;  // waits for `wake`
    CondVar wake;
  };

  struct ControlTask {
    std::function<Status()> task;
    // Shared: the lane is still inside set_value when the waiter goes on.
    std::shared_ptr<std::promise<Status>> done;
  };

  void Loop(int lane);
  std::optional<ControlTask> TakeControlTask() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void RunControlTask(const ControlTask& control) ABSL_LOCKS_EXCLUDED(mutex_);
  Scheduler::Batch TakeBatch(int lane) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Compute(int lane, const std::vector<Scheduler::JobPtr>& batch) ABSL_LOCKS_EXCLUDED(mutex_);
  void WaitForWork(Lane* lane, std::optional<TimePoint> until) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Release(Lane* lane) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  static void WakeLane(Lane* lane);
  void WakeOne() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void WakeAll() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void EndAll();

  const ExecutorOptions options_;
  const std::function<TimePoint()> now_;
  std::function<void(const BatchOutcome&)> on_batch_;

  mutable Mutex mutex_;
  Scheduler scheduler_ ABSL_GUARDED_BY(mutex_);
  std::vector<Lane> lanes_ ABSL_GUARDED_BY(mutex_);
  std::deque<ControlTask> control_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;

  std::vector<std::thread> threads_;
};

}  // namespace m2tts
