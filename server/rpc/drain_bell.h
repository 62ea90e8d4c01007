// Tells calls that would wait for their clients that the server drains, so that they end by themselves.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "core/base/mutex.h"

namespace m2tts {

// Any thread.
class DrainBell {
 public:
  using Listener = std::function<void()>;

  // Called once, by Ring, if whoever added it still keeps it then; at once when the bell has rung.
  void Add(const std::shared_ptr<Listener>& listener) ABSL_LOCKS_EXCLUDED(mutex_);
  void Ring() ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  Mutex mutex_;
  bool rung_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<std::weak_ptr<Listener>> listeners_ ABSL_GUARDED_BY(mutex_);  // and some that are gone
};

}  // namespace m2tts
