#include "server/jobs/eta_estimate.h"

#include <algorithm>
#include <cmath>

namespace m2tts {
namespace {

constexpr double kMemorySeconds = 60.0;
constexpr double kMinShare = 0.01;
constexpr double kMaxSeconds = 1e9;

}  // namespace

double EtaEstimate::Observe(const worker::v1::Progress& progress, Time now) {
  const double step_seconds = progress.seconds_per_step();
  if (progress.stage() != stage_) {
    stage_ = progress.stage();
    last_.reset();
    share_.reset();
  }
  const auto step = static_cast<double>(progress.step());  // a difference of integers may not be one
  if (!share_.has_value() && progress.device_share() > 0.0) share_ = std::min(1.0, progress.device_share());
  if (last_.has_value()) {
    const double seconds = std::chrono::duration<double>(now - last_->time).count();
    const double busy = (step - static_cast<double>(last_->step)) * step_seconds;
    if (seconds > 0.0 && busy > 0.0) {
      const double lately = std::min(1.0, busy / seconds);
      const double before = share_.value_or(lately);
      share_ = before + (1.0 - std::exp(-seconds / kMemorySeconds)) * (lately - before);
    }
  }
  last_ = Seen{progress.step(), now};
  const double busy_left = (static_cast<double>(progress.total_steps()) - step) * step_seconds;
  const double left = busy_left / std::max(kMinShare, share_.value_or(1.0));
  return left > 0.0 ? std::min(left, kMaxSeconds) : 0.0;  // NaN is 0, too
}

}  // namespace m2tts
