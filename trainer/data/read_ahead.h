// What the coming steps need, made by other threads while a step runs: a GPU that waits for its next batch
// stands idle. What is made is a function of the step alone, so threads change nothing but the time.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <thread>
#include <utility>
#include <vector>

#include "core/base/mutex.h"
#include "core/base/status.h"

namespace m2tts {

template <typename Value>
class ReadAhead {
 public:
  // Makes what step `step` needs in `parts` parts; must not throw. With threads it is called by several at a
  // time, and not after the destructor.
  using Make = std::function<StatusOr<Value>(int64_t step, int parts)>;

  // threads: also how many steps ahead; 0 = each is made when it is taken, by the thread that takes it.
  ReadAhead(int threads, Make make) : make_(std::move(make)), ahead_(threads) {
    for (int i = 0; i < threads; ++i) workers_.emplace_back([this] { Work(); });
  }
  ~ReadAhead() {
    {
      MutexLock lock(&mutex_);
      stopping_ = true;
    }
    wanted_.NotifyAll();
    for (std::thread& worker : workers_) worker.join();
  }
  ReadAhead(const ReadAhead&) = delete;
  ReadAhead& operator=(const ReadAhead&) = delete;

  // Waits for it. Fast when steps are taken in order; another one, or the same in other parts, begins anew
  // from there. One thread at a time.
  StatusOr<Value> Take(int64_t step, int parts) {
    if (workers_.empty()) return make_(step, parts);
    MutexLock lock(&mutex_);
    if (step != next_taken_ || parts != parts_) Restart(step, parts);
    wanted_.NotifyAll();
    while (made_.empty() || made_.begin()->first != step) ready_.Wait(&mutex_);
    ++next_taken_;
    wanted_.NotifyAll();
    return std::move(made_.extract(made_.begin()).mapped());
  }

 private:
  void Restart(int64_t step, int parts) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    ++round_;
    made_.clear();
    next_taken_ = next_made_ = step;
    parts_ = parts;
  }

  void Work() {
    MutexLock lock(&mutex_);
    while (true) {
      // Nothing is known to be wanted before the first one is.
      while (!stopping_ && (parts_ == 0 || next_made_ > next_taken_ + ahead_)) wanted_.Wait(&mutex_);
      if (stopping_) return;
      const int64_t step = next_made_++, round = round_;
      const int parts = parts_;
      mutex_.Unlock();
      StatusOr<Value> value = make_(step, parts);
      mutex_.Lock();
      if (round != round_) continue;
      made_.emplace(step, std::move(value));
      ready_.NotifyAll();
    }
  }

  const Make make_;
  const int ahead_;
  Mutex mutex_;
  CondVar wanted_, ready_;
  std::map<int64_t, StatusOr<Value>> made_ ABSL_GUARDED_BY(mutex_);  // by step
  int64_t next_taken_ ABSL_GUARDED_BY(mutex_) = 0;
  int64_t next_made_ ABSL_GUARDED_BY(mutex_) = 0;
  int parts_ ABSL_GUARDED_BY(mutex_) = 0;
  int64_t round_ ABSL_GUARDED_BY(mutex_) = 0;  // what was made for an earlier one is dropped
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<std::thread> workers_;
};

}  // namespace m2tts
