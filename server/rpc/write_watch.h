// Finds the calls whose clients take nothing. A connection that lives keeps a call for ever whose client does
// not read: nothing but time tells it from one that is slow.
//
// A write that is under way for longer than the timeout ends the request with DEADLINE_EXCEEDED: what it has
// still to say is not made any more, and what was said is read by a client that comes back. After
// twice the timeout the call is cut, and its memory is free.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "core/base/mutex.h"
#include "server/synthesis/running_request.h"

namespace m2tts {

// One call, shared by its reactor and the watch. Any thread may call.
class WatchedCall {
 public:
  using Time = std::chrono::steady_clock::time_point;

  // `cut` ends what is under way without success: TryCancel of the call's context.
  explicit WatchedCall(std::function<void()> cut) : cut_(std::move(cut)) {}

  // Whom the client's absence ends.
  void SetRequest(std::weak_ptr<RunningRequest> request) ABSL_LOCKS_EXCLUDED(mutex_);
  void WriteBegins() ABSL_LOCKS_EXCLUDED(mutex_);
  void WriteEnds() ABSL_LOCKS_EXCLUDED(mutex_);
  // In gRPC's OnDone, after which the call is no more: `cut` will not be called, and is not being called by
  // another thread. (By this one it may be, as gRPC may end a call inside of TryCancel.)
  void End() ABSL_LOCKS_EXCLUDED(mutex_);

  // By the watch.
  void Look(Time now, double timeout_seconds) ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  const std::function<void()> cut_;
  Mutex mutex_;
  CondVar changed_;
  std::weak_ptr<RunningRequest> request_ ABSL_GUARDED_BY(mutex_);
  bool writing_ ABSL_GUARDED_BY(mutex_) = false;
  Time began_ ABSL_GUARDED_BY(mutex_);
  bool ended_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread::id cutting_ ABSL_GUARDED_BY(mutex_);  // the thread that is inside of `cut`
};

// Any thread may call.
class WriteWatch {
 public:
  // Watched until nobody else holds it.
  std::shared_ptr<WatchedCall> Add(std::function<void()> cut) ABSL_LOCKS_EXCLUDED(mutex_);
  // To be called every now and then. timeout_seconds 0: nobody is given up.
  void Look(WatchedCall::Time now, double timeout_seconds) ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  Mutex mutex_;
  std::vector<std::weak_ptr<WatchedCall>> calls_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace m2tts
