// Counts calls, for metrics, the log and the drain.
#pragma once

#include <grpcpp/support/status.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <string>

#include "core/base/mutex.h"
#include "core/base/status.h"
#include "server/ops/metrics.h"

namespace m2tts {

// Any thread may call. Outlives its calls.
class CallTracker {
 public:
  explicit CallTracker(Metrics* metrics) : metrics_(metrics) {}

  // Waits until no call runs; false when `deadline` came first.
  bool WaitIdle(std::chrono::steady_clock::time_point deadline);
  int64_t total() const { return total_; }

 private:
  friend class CallScope;
  void Enter();
  void Leave();

  Metrics* const metrics_;
  std::atomic<int64_t> total_{0};
  Mutex mutex_;
  CondVar changed_;
  int active_ ABSL_GUARDED_BY(mutex_) = 0;
};

// One call, from its arrival until the last byte has gone.
class CallScope {
 public:
  // `method` is "Synthesize": a label, never from the client.
  CallScope(CallTracker* tracker, const char* method);
  ~CallScope();
  CallScope(const CallScope&) = delete;
  CallScope& operator=(const CallScope&) = delete;

  // Records the call and returns what to tell the client. `what` goes to the log, and must
  // not contain text of the request.
  grpc::Status End(const Status& status, const std::string& what = "");

  std::chrono::steady_clock::time_point arrival() const { return arrival_; }

 private:
  CallTracker* const tracker_;
  const char* const method_;
  const std::chrono::steady_clock::time_point arrival_;
};

}  // namespace m2tts
