#include "server/synthesis/admission.h"

#include <algorithm>
#include <utility>

#include "server/base/status_details.h"

namespace m2tts {
namespace {

constexpr double kMinRetrySeconds = 0.1;
constexpr double kMaxRetrySeconds = 60.0;
constexpr double kLiveRetrySeconds = 5.0;
constexpr double kSmoothing = 0.1;           // weight of a new measurement
constexpr size_t kMinCalibrationBytes = 20;  // shorter texts say little about their length
constexpr size_t kMinCalibrationPhonemes = 20;

double Seconds(TimePoint::duration duration) {
  return std::chrono::duration<double>(duration).count();
}

void Smooth(double measured, double* value) {
  *value += kSmoothing * (measured - *value);
}

}  // namespace

Admission::Admission(const AdmissionOptions& options, std::function<void(const char*)> on_reject)
    : on_reject_(std::move(on_reject)),
      options_(options),
      seconds_per_byte_(options.initial_seconds_per_byte),
      seconds_per_phoneme_(options.initial_seconds_per_phoneme),
      real_time_factor_(options.initial_real_time_factor) {}

double Admission::Share(double audio_seconds) const {
  return std::min(audio_seconds, options_.request_audio_seconds);
}

double Admission::ShareOf(const Ticket& ticket) const {
  if (ticket.suspended_) return 0.0;
  const auto unread = static_cast<double>(ticket.demand_.text_bytes - ticket.read_bytes_);
  const auto pending = static_cast<double>(ticket.pending_);
  return Share((unread * seconds_per_byte_ + pending * seconds_per_phoneme_) / ticket.demand_.speed);
}

double Admission::Waiting() const {
  double seconds = 0.0;
  for (const Ticket* ticket : tickets_) seconds += ShareOf(*ticket);
  return seconds;
}

double Admission::WaitingBefore(const Demand& demand) const {
  const auto rank = [](const Demand& one) {
    return std::make_pair(one.priority, one.deadline.value_or(TimePoint::max()));
  };
  double seconds = 0.0;
  for (const Ticket* ticket : tickets_) {
    if (rank(ticket->demand_) <= rank(demand)) seconds += ShareOf(*ticket);
  }
  return seconds;
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

StatusOr<std::unique_ptr<Admission::Ticket>> Admission::Admit(const Demand& demand, TimePoint now) {
  MutexLock lock(&mutex_);
  M2TTS_RETURN_IF_ERROR(CheckOpen());
  const double waiting = Waiting();
  if (requests_ >= options_.max_requests) {
    const double wait = RetrySeconds(waiting / std::max(requests_, 1));
    return Refuse("requests", WithRetryDelay(Errorf(StatusCode::kResourceExhausted,
                                                    "{} requests are being served, the most allowed; "
                                                    "retry in {:.1f} s",
                                                    requests_, wait),
                                             wait));
  }
  const double predicted = static_cast<double>(demand.text_bytes) * seconds_per_byte_ / demand.speed;
  const double excess = waiting + Share(predicted) - options_.max_audio_seconds;
  if (excess > 0.0 && waiting > 0.0) {
    const double wait = RetrySeconds(excess);
    return Refuse("audio", WithRetryDelay(Errorf(StatusCode::kResourceExhausted,
                                                 "about {:.0f} s of audio are waiting to be made, near the "
                                                 "limit of {:.0f} s; retry in {:.1f} s",
                                                 waiting, options_.max_audio_seconds, wait),
                                          wait));
  }
  if (demand.deadline.has_value()) {
    const double left = Seconds(*demand.deadline - now);
    // Before the first measurement the prediction is a guess, which must not refuse anybody.
    const double queued = std::max((WaitingBefore(demand) + predicted) / options_.lanes, predicted);
    const double needed = measured_ ? queued * real_time_factor_ : 0.0;
    if (left <= 0.0 || needed > left) {
      return Refuse("deadline", Errorf(StatusCode::kDeadlineExceeded,
                                       "the audio would take about {:.2f} s and the deadline is in {:.2f} s",
                                       needed, std::max(left, 0.0)));
    }
  }
  ++requests_;
  ++admitted_;
  return Issue(demand, false);
}

StatusOr<std::unique_ptr<Admission::Ticket>> Admission::AdmitLive(const Demand& demand) {
  MutexLock lock(&mutex_);
  M2TTS_RETURN_IF_ERROR(CheckOpen());
  if (live_ >= options_.max_live) {
    return Refuse("live", WithRetryDelay(Errorf(StatusCode::kResourceExhausted,
                                                "{} live answers are open, the most allowed", live_),
                                         kLiveRetrySeconds));
  }
  ++live_;
  Demand silent = demand;
  silent.text_bytes = 0;
  return Issue(silent, true);
}

std::unique_ptr<Admission::Ticket> Admission::Issue(const Demand& demand, bool live) {
  std::unique_ptr<Ticket> ticket(new Ticket(this, demand, live));
  tickets_.insert(ticket.get());
  return ticket;
}

double Admission::Predict(size_t text_bytes, double speed) const {
  MutexLock lock(&mutex_);
  return text_bytes * seconds_per_byte_ / speed;
}

void Admission::RecordDevice(double device_seconds, double audio_seconds) {
  if (audio_seconds <= 0.0) return;
  MutexLock lock(&mutex_);
  const double factor = device_seconds / audio_seconds;
  if (!std::exchange(measured_, true)) real_time_factor_ = factor;
  Smooth(factor, &real_time_factor_);
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
  return {requests_, admitted_, Waiting(), measured_ ? real_time_factor_ : 0.0};
}

Admission::Ticket::~Ticket() {
  MutexLock lock(&admission_->mutex_);
  --(live_ ? admission_->live_ : admission_->requests_);
  admission_->tickets_.erase(this);
}

void Admission::Ticket::Extend(size_t text_bytes) {
  MutexLock lock(&admission_->mutex_);
  ++admission_->admitted_;
  demand_.text_bytes += text_bytes;
}

void Admission::Ticket::Read(size_t text_end, size_t phonemes) {
  MutexLock lock(&admission_->mutex_);
  read_bytes_ = std::clamp(text_end, read_bytes_, demand_.text_bytes);
  phonemes_ += phonemes;
  pending_ += phonemes;
}

void Admission::Ticket::Spoken(size_t phonemes) {
  MutexLock lock(&admission_->mutex_);
  pending_ -= std::min(pending_, phonemes);
}

void Admission::Ticket::Drop() {
  MutexLock lock(&admission_->mutex_);
  read_bytes_ = demand_.text_bytes;
  pending_ = 0;
  dropped_ = true;
}

void Admission::Ticket::Suspend(bool suspended) {
  MutexLock lock(&admission_->mutex_);
  suspended_ = suspended;
}

void Admission::Ticket::Completed(double audio_seconds) {
  MutexLock lock(&admission_->mutex_);
  if (dropped_) return;
  const double at_speed_one = audio_seconds * demand_.speed;
  const auto calibrate = [at_speed_one](size_t count, size_t least, double* seconds_per) {
    if (count >= least) Smooth(at_speed_one / static_cast<double>(count), seconds_per);
  };
  calibrate(demand_.text_bytes, kMinCalibrationBytes, &admission_->seconds_per_byte_);
  calibrate(phonemes_, kMinCalibrationPhonemes, &admission_->seconds_per_phoneme_);
}

}  // namespace m2tts
