// A value that is replaced as a whole while others go on reading the one before.
//
// Any thread may call. What Get() returned stays as it was for as long as it is held.
#pragma once

#include <memory>
#include <utility>

#include "core/base/mutex.h"

namespace m2tts {

template <typename T>
class Snapshot {
 public:
  explicit Snapshot(std::shared_ptr<const T> value) : value_(std::move(value)) {}

  std::shared_ptr<const T> Get() const {
    MutexLock lock(&mutex_);
    return value_;
  }
  void Set(std::shared_ptr<const T> value) {
    MutexLock lock(&mutex_);
    value_.swap(value);  // the old one is destroyed after the lock is gone
  }

 private:
  mutable Mutex mutex_;
  std::shared_ptr<const T> value_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace m2tts
