#include "server/synthesis/device_recovery.h"

#include <algorithm>

#include "server/base/error_text.h"
#include "server/base/status_details.h"

namespace m2tts {
namespace {

constexpr double kStuckRetrySeconds = 5.0;  // nobody knows when a lane comes back
constexpr double kAttemptSeconds = 1.0;     // that an attempt takes, about

}  // namespace

Status DeviceUnavailable(const std::string& what, double seconds) {
  return WithRetryDelay(Errorf(StatusCode::kUnavailable, "{}; try another server, or this one in {:.0f} s",
                               what, std::max(seconds, 1.0)),
                        seconds);
}

bool DeviceRecovery::OnBatch(const Status& status, TimePoint now, bool speaks) {
  MutexLock lock(&mutex_);
  if (status.ok()) {
    in_a_row_ = 0;
    return false;
  }
  ++totals_.failures;
  totals_.last_error = ErrorText(std::string(status.message()));
  if (totals_.state != State::kServing || speaks || ++in_a_row_ < options_.failures) return false;
  Fail(now);
  return true;
}

// The first attempt is made at once, unless the last recovery did not hold.
void DeviceRecovery::Fail(TimePoint now) {
  totals_.state = State::kFailed;
  in_a_row_ = 0;
  next_attempt_ = now;
  const bool held = recovered_ == TimePoint::min() || now - recovered_ > options_.max_wait;
  if (held) {
    wait_ = options_.first_wait;
  } else {
    Wait(now);
  }
}

void DeviceRecovery::Wait(TimePoint now) {
  next_attempt_ = now + wait_;
  wait_ = std::min(2 * wait_, options_.max_wait);
}

bool DeviceRecovery::Watch(bool stalled, TimePoint now) {
  MutexLock lock(&mutex_);
  if (stalled) {
    totals_.state = State::kStuck;
  } else if (totals_.state == State::kStuck) {
    Fail(now);
  }
  if (totals_.state != State::kFailed || attempting_ || now < next_attempt_) return false;
  attempting_ = true;
  return true;
}

void DeviceRecovery::OnAttempt(const Status& outcome, TimePoint now) {
  MutexLock lock(&mutex_);
  attempting_ = false;
  if (!outcome.ok()) {
    ++totals_.failed_attempts;
    totals_.last_error = ErrorText(std::string(outcome.message()));
    Wait(now);
    return;
  }
  if (totals_.state != State::kFailed) return;  // a lane got stuck meanwhile: it takes another attempt
  totals_.state = State::kServing;
  ++totals_.recoveries;
  in_a_row_ = 0;
  recovered_ = now;
}

Status DeviceRecovery::Check(TimePoint now) const {
  MutexLock lock(&mutex_);
  switch (totals_.state) {
    case State::kServing:
      return OkStatus();
    case State::kStuck:
      return DeviceUnavailable("the device does not answer", kStuckRetrySeconds);
    case State::kFailed:
      break;
  }
  const double wait = attempting_ ? 0.0 : std::chrono::duration<double>(next_attempt_ - now).count();
  return DeviceUnavailable("the device has failed and is being recovered",
                           std::max(wait, 0.0) + kAttemptSeconds);
}

DeviceRecovery::Snapshot DeviceRecovery::snapshot() const {
  MutexLock lock(&mutex_);
  return totals_;
}

}  // namespace m2tts
