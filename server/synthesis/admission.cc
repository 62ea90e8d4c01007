#include "server/synthesis/admission.h"

#include <algorithm>
#include <utility>

#include "server/base/status_details.h"

namespace m2tts {
namespace {

constexpr double kMinRetrySeconds = 0.1;
constexpr double kMaxRetrySeconds = 60.0;
constexpr double kLiveRetrySeconds = 5.0;  // nobody knows when a dialogue ends
constexpr double kDrainingRetrySeconds = 1.0;
// Of max_audio_seconds, for texts of live answers: all together, and with the pieces of those that are dry.
constexpr double kLiveShare = 0.5;
constexpr double kDryShare = 0.75;
constexpr size_t kDryPieceBytes = 256;
constexpr double kSmoothing = 0.1;           // weight of a new measurement
constexpr double kMaxChange = 4.0;           // of a prediction, up or down
constexpr size_t kMinCalibrationBytes = 20;  // shorter texts say little about their length
constexpr size_t kMinCalibrationPhonemes = 20;

double Seconds(TimePoint::duration duration) {
  return std::chrono::duration<double>(duration).count();
}

void Smooth(double measured, double* value) {
  *value += kSmoothing * (measured - *value);
}

// `value` follows what is measured, near `initial`.
void Calibrate(double measured, double initial, double* value) {
  Smooth(measured, value);
  *value = std::clamp(*value, initial / kMaxChange, initial * kMaxChange);
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

double Admission::CostOf(const Ticket& ticket, size_t more_bytes) const {
  const auto unread = static_cast<double>(ticket.demand_.text_bytes - ticket.read_bytes_ + more_bytes);
  const auto pending = static_cast<double>(ticket.pending_);
  return (unread * seconds_per_byte_ + pending * seconds_per_phoneme_) / ticket.demand_.speed;
}

double Admission::ShareOf(const Ticket& ticket) const {
  return ticket.suspended_ ? 0.0 : Share(CostOf(ticket));
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

Status Admission::Draining() {
  return WithRetryDelay(Errorf(StatusCode::kUnavailable, "the server is shutting down; try another one"),
                        kDrainingRetrySeconds);
}

Status Admission::CheckOpen() const {
  return closed_ ? Refuse("draining", Draining()) : OkStatus();
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
  M2TTS_RETURN_IF_ERROR(CheckDeadline(demand, predicted, now));
  ++requests_;
  ++admitted_;
  return Issue(demand, false);
}

Status Admission::CheckDeadline(const Demand& demand, double predicted, TimePoint now) const {
  if (!demand.deadline.has_value()) return OkStatus();
  const double left = Seconds(*demand.deadline - now);
  // Before the first measurement the prediction is a guess, which must not refuse anybody.
  const double factor = measured_ ? real_time_factor_ : 0.0;
  const double needed = factor * std::max((WaitingBefore(demand) + predicted) / options_.lanes, predicted);
  if (left > 0.0 && needed <= left) return OkStatus();
  Status late = Errorf(StatusCode::kDeadlineExceeded,
                       "the audio would take about {:.2f} s and the deadline is in {:.2f} s", needed,
                       std::max(left, 0.0));
  // With as much time again it would fit into a shorter queue, unless it is too long by itself.
  const bool in_vain = left <= 0.0 || factor * predicted > left;
  if (!in_vain) {
    late = WithRetryDelay(std::move(late), std::clamp(needed - left, kMinRetrySeconds, kMaxRetrySeconds));
  }
  return Refuse("deadline", std::move(late));
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

double Admission::PredictLeast(size_t text_bytes, double speed) const {
  MutexLock lock(&mutex_);
  return static_cast<double>(text_bytes) * options_.initial_seconds_per_byte / kMaxChange / speed;
}

double Admission::DeviceSeconds(double audio_seconds) const {
  MutexLock lock(&mutex_);
  return audio_seconds * real_time_factor_ / options_.lanes;
}

void Admission::RecordDevice(double device_seconds, double audio_seconds) {
  if (audio_seconds <= 0.0) return;
  MutexLock lock(&mutex_);
  const double factor = device_seconds / audio_seconds;
  if (!std::exchange(measured_, true)) real_time_factor_ = factor;
  // A machine that stood still for a moment says nothing about the next: a request is not refused for that.
  Smooth(std::min(factor, kMaxChange * real_time_factor_), &real_time_factor_);
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

size_t Admission::Ticket::Room(size_t text_bytes) const {
  MutexLock lock(&admission_->mutex_);
  double live = 0.0;
  double all = 0.0;
  for (const Ticket* ticket : admission_->tickets_) {
    const double share = admission_->ShareOf(*ticket);
    all += share;
    if (ticket->live_) live += share;
  }
  const size_t piece = std::min(text_bytes, kDryPieceBytes);
  const double own = admission_->Share(admission_->CostOf(*this));
  const double more = admission_->Share(admission_->CostOf(*this, text_bytes)) - own;
  const double more_by_piece = admission_->Share(admission_->CostOf(*this, piece)) - own;
  const double max = admission_->options_.max_audio_seconds;
  const auto fits = [live, all, max](double seconds, double live_share) {
    return live + seconds <= live_share * max && all + seconds <= max;
  };
  if (fits(more, kLiveShare)) return text_bytes;
  return own == 0.0 && (all == 0.0 || fits(more_by_piece, kDryShare)) ? piece : 0;
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

double Admission::Ticket::audio_seconds() const {
  MutexLock lock(&admission_->mutex_);
  return suspended_ ? 0.0 : admission_->CostOf(*this);
}

void Admission::Ticket::Completed(double spoken_seconds) {
  MutexLock lock(&admission_->mutex_);
  if (dropped_) return;
  const double at_speed_one = spoken_seconds * demand_.speed;
  if (demand_.text_bytes >= kMinCalibrationBytes) {
    Calibrate(at_speed_one / static_cast<double>(demand_.text_bytes),
              admission_->options_.initial_seconds_per_byte, &admission_->seconds_per_byte_);
  }
  if (phonemes_ >= kMinCalibrationPhonemes) {
    Calibrate(at_speed_one / static_cast<double>(phonemes_), admission_->options_.initial_seconds_per_phoneme,
              &admission_->seconds_per_phoneme_);
  }
}

}  // namespace m2tts
