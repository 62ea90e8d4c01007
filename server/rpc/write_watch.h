// Finds the calls whose clients take nothing. A connection that lives keeps a call for ever whose client does
// not read: nothing but time tells it from one that is slow.
//
// A write that is under way for longer than the timeout ends the request with DEADLINE_EXCEEDED: what it has
// still to say is not made any more, and what was said is read by a client that comes back. After
// twice the timeout the call is cut, and its memory is free.
//
// A live call that has not said what it wants is waited for in the same way.
//
// Until then a stream holds its place in the queue, with a bounded buffer. An answer that is one message (of
// Synthesize or AnalyzeText) has left its place by then: those that are unread are counted in bytes, and when
// there are too many, no more are begun.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "core/base/mutex.h"
#include "core/base/status.h"
#include "server/synthesis/running_request.h"

namespace m2tts {

// One call, shared by its reactor and the watch. Any thread may call.
class WatchedCall {
 public:
  using Time = std::chrono::steady_clock::time_point;

  // `cut` ends what is under way without success: TryCancel of the call's context. `unread` counts the
  // bytes of all calls.
  WatchedCall(std::function<void()> cut, std::atomic<int64_t>* unread)
      : cut_(std::move(cut)), unread_(unread) {}

  // Whom the client's absence ends.
  void SetRequest(std::weak_ptr<RunningRequest> request) ABSL_LOCKS_EXCLUDED(mutex_);
  // `bytes`: to be counted as unread until the end of the call.
  void WriteBegins(int64_t bytes = 0) ABSL_LOCKS_EXCLUDED(mutex_);
  void WriteEnds() ABSL_LOCKS_EXCLUDED(mutex_);
  // In gRPC's OnDone, after which the call is no more: `cut` will not be called, and is not being called by
  // another thread. (By this one it may be, as gRPC may end a call inside of TryCancel.)
  void End() ABSL_LOCKS_EXCLUDED(mutex_);

  // By the watch.
  void Look(Time now, double timeout_seconds) ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  const std::function<void()> cut_;
  std::atomic<int64_t>* const unread_;
  Mutex mutex_;
  CondVar changed_;
  std::weak_ptr<RunningRequest> request_ ABSL_GUARDED_BY(mutex_);
  bool writing_ ABSL_GUARDED_BY(mutex_) = false;
  Time began_ ABSL_GUARDED_BY(mutex_);
  int64_t bytes_ ABSL_GUARDED_BY(mutex_) = 0;
  bool ended_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread::id cutting_ ABSL_GUARDED_BY(mutex_);  // the thread that is inside of `cut`
};

// Any thread may call. Outlives its calls.
class WriteWatch {
 public:
  // RESOURCE_EXHAUSTED with a retry delay while more than so many bytes of answers are unread.
  Status CheckUnread() const;
  void SetMaxUnread(int64_t bytes) { max_unread_ = bytes; }
  int64_t unread_bytes() const { return unread_; }

  // Watched until nobody else holds it.
  std::shared_ptr<WatchedCall> Add(std::function<void()> cut) ABSL_LOCKS_EXCLUDED(mutex_);
  // To be called every now and then. timeout_seconds 0: nobody is given up.
  void Look(WatchedCall::Time now, double timeout_seconds) ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  std::atomic<int64_t> unread_{0};
  std::atomic<int64_t> max_unread_{int64_t{1} << 62};
  Mutex mutex_;
  std::vector<std::weak_ptr<WatchedCall>> calls_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace m2tts
