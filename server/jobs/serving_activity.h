// What jobs need to know about synthesis, to stay out of its way.
#pragma once

#include <chrono>
#include <cstdint>

#include "core/base/mutex.h"

namespace m2tts {

// Any thread may call.
class ServingActivity {
 public:
  virtual ~ServingActivity() = default;
  // Whether a request is queued or being computed.
  virtual bool Busy() = 0;
  // Requests that arrive in a second, of late; 0 = unknown or none.
  virtual double ArrivalsPerSecond() = 0;
};

// Arrivals in a second, from a count that somebody looks at now and then: exponentially smoothed over
// about `seconds`. Any thread.
class ArrivalRate {
 public:
  using Time = std::chrono::steady_clock::time_point;
  explicit ArrivalRate(double seconds = 10.0) : seconds_(seconds) {}

  // `count` of all that have arrived so far.
  double Update(int64_t count, Time now) ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  const double seconds_;
  Mutex mutex_;
  bool started_ ABSL_GUARDED_BY(mutex_) = false;
  int64_t count_ ABSL_GUARDED_BY(mutex_) = 0;
  Time time_ ABSL_GUARDED_BY(mutex_);
  double rate_ ABSL_GUARDED_BY(mutex_) = 0.0;
};

// That at least one arrives within `seconds`, when arrivals are independent (Poisson).
double ArrivalProbability(double arrivals_per_second, double seconds);

}  // namespace m2tts
