#include "server/jobs/serving_activity.h"

#include <cmath>

namespace m2tts {

double ArrivalRate::Update(int64_t count, Time now) {
  MutexLock lock(&mutex_);
  if (!started_) {
    started_ = true;
    count_ = count;
    time_ = now;
    return rate_;
  }
  const double elapsed = std::chrono::duration<double>(now - time_).count();
  if (elapsed <= 0.0) return rate_;
  const double keep = std::exp(-elapsed / seconds_);
  rate_ = keep * rate_ + (1.0 - keep) * static_cast<double>(count - count_) / elapsed;
  count_ = count;
  time_ = now;
  return rate_;
}

double ArrivalProbability(double arrivals_per_second, double seconds) {
  return 1.0 - std::exp(-arrivals_per_second * seconds);
}

}  // namespace m2tts
