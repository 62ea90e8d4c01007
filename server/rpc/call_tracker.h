// The beginning and the end of every call: who it is, whether it may, metrics, the log, the drain.
#pragma once

#include <grpcpp/server_context.h>
#include <grpcpp/support/status.h>
#include <spdlog/common.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <string>

#include "core/base/mutex.h"
#include "core/base/status.h"
#include "server/ops/metrics.h"
#include "server/rpc/drain_bell.h"
#include "server/rpc/write_watch.h"
#include "server/security/authorizer.h"

namespace m2tts {

// Any thread may call. Outlives its calls.
class CallTracker {
 public:
  // Both must outlive the tracker.
  CallTracker(Metrics* metrics, const Authorizer* authorizer) : metrics_(metrics), authorizer_(authorizer) {}

  // Waits until no call runs; false when `deadline` came first.
  bool WaitIdle(std::chrono::steady_clock::time_point deadline);
  int64_t total() const { return total_; }
  // Of the calls whose answers may be large: that stream audio, or answer with audio or an analysis.
  WriteWatch& write_watch() { return write_watch_; }
  // For calls that wait for their clients.
  DrainBell& drain_bell() { return drain_bell_; }

 private:
  friend class CallScope;
  void Enter();
  void Leave();

  Metrics* const metrics_;
  const Authorizer* const authorizer_;
  WriteWatch write_watch_;
  DrainBell drain_bell_;
  std::atomic<int64_t> total_{0};
  Mutex mutex_;
  CondVar changed_;
  int active_ ABSL_GUARDED_BY(mutex_) = 0;
};

// One call, from its arrival until the last byte has gone. The first thing that every method of ours
// makes, since it checks the caller:
//
//   auto scope = std::make_unique<CallScope>(context_->calls, "Synthesize", call, Role::kSynthesize);
//   Status status = scope->status();                         // UNAUTHENTICATED, PERMISSION_DENIED
//   if (status.ok()) ...
//   reactor->Finish(scope->End(status));
//
// The client finds the request id in the trailing metadata (x-request-id), and errors carry it as a
// google.rpc.RequestInfo. An error with a google.rpc.RetryInfo also sets grpc-retry-pushback-ms, which
// gRPC clients with a retry policy obey.
class CallScope {
 public:
  // `method` is "Synthesize": a label, never from the client. `call` must live until End.
  CallScope(CallTracker* tracker, const char* method, grpc::CallbackServerContext* call, Role role);
  ~CallScope();
  CallScope(const CallScope&) = delete;
  CallScope& operator=(const CallScope&) = delete;

  // Whether the caller may do this. Nothing of the request counts before that is OK.
  const Status& status() const { return status_; }
  const Caller& caller() const { return caller_; }

  // One that streams audio: m2tts_streams and GetStatus count it until it is gone. Once.
  void CountAsStream();
  WriteWatch& write_watch() const { return tracker_->write_watch_; }
  DrainBell& drain_bell() const { return tracker_->drain_bell_; }
  // As the watch says, and counted like other refusals.
  Status CheckUnread() const;

  // Records the call and returns what to tell the client; before Finish. `what` goes to the log, and
  // must not contain text of the request.
  grpc::Status End(const Status& status, const std::string& what = "");

  std::chrono::steady_clock::time_point arrival() const { return arrival_; }

 private:
  CallTracker* const tracker_;
  const char* const method_;
  grpc::CallbackServerContext* const call_;
  const spdlog::level::level_enum level_;  // of its line in the log
  const std::chrono::steady_clock::time_point arrival_;
  Caller caller_;
  Status status_;
  bool streams_ = false;
};

}  // namespace m2tts
