// Ctrl-C as an event instead of sudden death, so that a half-written file is removed.
#pragma once

#include <functional>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "core/base/mutex.h"

namespace m2tts {

// Blocks SIGINT and SIGTERM in the thread that makes it, and so in all threads started later, and
// waits for them in a thread of its own. Make one, first thing in main().
class InterruptWatcher {
 public:
  InterruptWatcher();
  ~InterruptWatcher();
  InterruptWatcher(const InterruptWatcher&) = delete;
  InterruptWatcher& operator=(const InterruptWatcher&) = delete;

  // `handler` runs in the watching thread at the first signal, or now when that has passed; a second
  // signal ends the process. nullptr forgets the handler, and returns only when it is not running.
  void SetHandler(std::function<void()> handler) ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  void Watch();

  Mutex mutex_;
  std::function<void()> handler_ ABSL_GUARDED_BY(mutex_);
  bool interrupted_ ABSL_GUARDED_BY(mutex_) = false;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

// Sets a handler for a scope. `watcher` may be nullptr: then nothing happens.
class ScopedInterruptHandler {
 public:
  ScopedInterruptHandler(InterruptWatcher* watcher, std::function<void()> handler) : watcher_(watcher) {
    if (watcher_ != nullptr) watcher_->SetHandler(std::move(handler));
  }
  ~ScopedInterruptHandler() {
    if (watcher_ != nullptr) watcher_->SetHandler(nullptr);
  }
  ScopedInterruptHandler(const ScopedInterruptHandler&) = delete;
  ScopedInterruptHandler& operator=(const ScopedInterruptHandler&) = delete;

 private:
  InterruptWatcher* const watcher_;
};

}  // namespace m2tts
