#include "server/synthesis/admission.h"

#include <algorithm>

#include "server/base/status_details.h"

namespace m2tts {
namespace {

constexpr double kMinRetrySeconds = 0.1;
constexpr double kMaxRetrySeconds = 60.0;
constexpr double kLiveRetrySeconds = 5.0;
constexpr double kSmoothing = 0.1;           // weight of a new measurement
constexpr size_t kMinCalibrationBytes = 20;  // shorter texts say little about their length

double Seconds(TimePoint::duration duration) {
  return std::chrono::duration<double>(duration).count();
}

}  // namespace

Admission::Admission(const AdmissionOptions& options, std::function<void(const char*)> on_reject)
    : on_reject_(std::move(on_reject)),
      options_(options),
      seconds_per_byte_(options.initial_seconds_per_byte),
      real_time_factor_(options.initial_real_time_factor) {}

double Admission::Share(double remaining) const {
  return std::clamp(remaining, 0.0, options_.request_audio_seconds);
}

double Admission::RetrySeconds(double work_seconds) const {
  return std::clamp(work_seconds * real_time_factor_ / options_.lanes, kMinRetrySeconds, kMaxRetrySeconds);
}

Status Admission::Refuse(const char* reason, Status status) const {
  if (on_reject_) on_reject_(reason);
  return status;
}

Status Admission::CheckOpen() const {
  if (!closed_) return OkStatus();
  return Refuse("draining", Errorf(StatusCode::kUnavailable, "the server is shutting down; try another one"));
}

StatusOr<std::unique_ptr<Admission::Ticket>> Admission::Admit(size_t text_bytes, double speed,
                                                              std::optional<TimePoint> deadline,
                                                              TimePoint now) {
  MutexLock lock(&mutex_);
  M2TTS_RETURN_IF_ERROR(CheckOpen());
  if (requests_ >= options_.max_requests) {
    const double wait = RetrySeconds(audio_seconds_ / std::max(requests_, 1));
    return Refuse("requests", WithRetryDelay(Errorf(StatusCode::kResourceExhausted,
                                                    "{} requests are being served, the most allowed; "
                                                    "retry in {:.1f} s",
                                                    requests_, wait),
                                             wait));
  }
  const double predicted = text_bytes * seconds_per_byte_ / speed;
  const double excess = audio_seconds_ + Share(predicted) - options_.max_audio_seconds;
  if (excess > 0.0 && requests_ > 0) {
    const double wait = RetrySeconds(excess);
    return Refuse("audio", WithRetryDelay(Errorf(StatusCode::kResourceExhausted,
                                                 "about {:.0f} s of audio are waiting to be made, near the "
                                                 "limit of {:.0f} s; retry in {:.1f} s",
                                                 audio_seconds_, options_.max_audio_seconds, wait),
                                          wait));
  }
  if (deadline.has_value()) {
    const double left = Seconds(*deadline - now);
    // Before the first measurement the prediction is a guess, which must not refuse anybody.
    const double queued = std::max((audio_seconds_ + predicted) / options_.lanes, predicted);
    const double needed = measured_ ? queued * real_time_factor_ : 0.0;
    if (left <= 0.0 || needed > left) {
      return Refuse("deadline", Errorf(StatusCode::kDeadlineExceeded,
                                       "the audio would take about {:.2f} s and the deadline is in {:.2f} s",
                                       needed, std::max(left, 0.0)));
    }
  }
  ++requests_;
  ++admitted_;
  audio_seconds_ += Share(predicted);
  return std::unique_ptr<Ticket>(new Ticket(this, text_bytes, speed, predicted, false));
}

StatusOr<std::unique_ptr<Admission::Ticket>> Admission::AdmitLive(double speed) {
  MutexLock lock(&mutex_);
  M2TTS_RETURN_IF_ERROR(CheckOpen());
  if (live_ >= options_.max_live) {
    return Refuse("live", WithRetryDelay(Errorf(StatusCode::kResourceExhausted,
                                                "{} live answers are open, the most allowed", live_),
                                         kLiveRetrySeconds));
  }
  ++live_;
  return std::unique_ptr<Ticket>(new Ticket(this, 0, speed, 0.0, true));
}

double Admission::Predict(size_t text_bytes, double speed) const {
  MutexLock lock(&mutex_);
  return text_bytes * seconds_per_byte_ / speed;
}

void Admission::RecordDevice(double device_seconds, double audio_seconds) {
  if (audio_seconds <= 0.0) return;
  MutexLock lock(&mutex_);
  const double factor = device_seconds / audio_seconds;
  real_time_factor_ = measured_ ? (1 - kSmoothing) * real_time_factor_ + kSmoothing * factor : factor;
  measured_ = true;
}

AdmissionOptions Admission::options() const {
  MutexLock lock(&mutex_);
  return options_;
}

void Admission::SetLimits(int max_requests, int max_live, double max_audio_seconds) {
  MutexLock lock(&mutex_);
  options_.max_requests = max_requests;
  options_.max_live = max_live;
  options_.max_audio_seconds = max_audio_seconds;
}

void Admission::Close() {
  MutexLock lock(&mutex_);
  closed_ = true;
}

Admission::Snapshot Admission::snapshot() const {
  MutexLock lock(&mutex_);
  return {requests_, admitted_, std::max(audio_seconds_, 0.0), measured_ ? real_time_factor_ : 0.0};
}

Admission::Ticket::~Ticket() {
  MutexLock lock(&admission_->mutex_);
  --(live_ ? admission_->live_ : admission_->requests_);
  admission_->audio_seconds_ -= admission_->Share(remaining_);
}

void Admission::Ticket::Produced(double audio_seconds) {
  MutexLock lock(&admission_->mutex_);
  admission_->audio_seconds_ -= admission_->Share(remaining_);
  remaining_ = std::max(remaining_ - audio_seconds, 0.0);
  produced_ += audio_seconds;
  admission_->audio_seconds_ += admission_->Share(remaining_);
}

void Admission::Ticket::Extend(size_t text_bytes) {
  MutexLock lock(&admission_->mutex_);
  ++admission_->admitted_;
  admission_->audio_seconds_ -= admission_->Share(remaining_);
  remaining_ += static_cast<double>(text_bytes) * admission_->seconds_per_byte_ / speed_;
  text_bytes_ += text_bytes;
  admission_->audio_seconds_ += admission_->Share(remaining_);
}

void Admission::Ticket::Completed() {
  if (text_bytes_ < kMinCalibrationBytes) return;
  MutexLock lock(&admission_->mutex_);
  const double measured = produced_ * speed_ / text_bytes_;
  admission_->seconds_per_byte_ = (1 - kSmoothing) * admission_->seconds_per_byte_ + kSmoothing * measured;
}

}  // namespace m2tts
