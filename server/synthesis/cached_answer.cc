#include "server/synthesis/cached_answer.h"

#include <utility>

namespace m2tts {

CachedAnswer::CachedAnswer(SynthesisRequest request, std::shared_ptr<const CachedResult> result,
                           std::unique_ptr<Admission::Ticket> ticket, AudioSink* sink,
                           Environment environment)
    : request_(std::move(request)),
      result_(std::move(result)),
      sink_(sink),
      environment_(std::move(environment)),
      ticket_(std::move(ticket)) {}

CachedAnswer::~CachedAnswer() = default;

double CachedAnswer::SinceArrival() const {
  return std::chrono::duration<double>(environment_.now() - request_.arrival).count();
}

void CachedAnswer::Cancel(const Status& reason) {
  {
    MutexLock lock(&mutex_);
    if (cancel_.ok()) cancel_ = reason;
  }
  Schedule();
}

void CachedAnswer::OnDelivered(double seconds) {
  {
    MutexLock lock(&mutex_);
    buffered_seconds_ -= seconds;
  }
  Schedule();
}

void CachedAnswer::LeavePlace() {
  ticket_.reset();
  if (request_.client_ticket != nullptr) request_.client_ticket->Leave();
}

bool CachedAnswer::HasWork() const {
  if (ended_) return false;
  const bool lags = environment_.buffer_seconds > 0.0 && buffered_seconds_ >= environment_.buffer_seconds;
  return !cancel_.ok() || next_ == result_->chunks.size() || !lags;
}

void CachedAnswer::Schedule() {
  {
    MutexLock lock(&mutex_);
    if (scheduled_ || !HasWork()) return;
    scheduled_ = true;
  }
  environment_.post([self = shared_from_this()] { self->Run(); });
}

void CachedAnswer::Run() {
  while (true) {
    const EncodedChunk* chunk = nullptr;
    Status status;
    {
      MutexLock lock(&mutex_);
      if (!HasWork()) {
        scheduled_ = false;
        return;
      }
      status = cancel_;
      if (status.ok() && request_.deadline.has_value() && environment_.now() >= *request_.deadline) {
        status = Errorf(StatusCode::kDeadlineExceeded, "the deadline passed after {:.1f} s", SinceArrival());
      }
      if (!status.ok() || next_ == result_->chunks.size()) {
        ended_ = true;
      } else {
        chunk = &result_->chunks[next_++];
        buffered_seconds_ += static_cast<double>(chunk->sample_count) / request_.sample_rate;
      }
    }
    if (chunk == nullptr) return Complete(status);
    if (first_audio_seconds_ == 0.0) first_audio_seconds_ = SinceArrival();
    sink_->OnChunk(*chunk);
  }
}

void CachedAnswer::Complete(const Status& status) {
  SynthesisReport report = result_->report;
  report.queue_wait_seconds = 0.0;
  report.device_seconds = 0.0;
  report.text_seconds = 0.0;
  report.acoustic_seconds = 0.0;
  report.vocoder_seconds = 0.0;
  report.encode_seconds = 0.0;
  report.first_audio_seconds = first_audio_seconds_;
  report.total_seconds = SinceArrival();
  sink_->OnDone(status, report);
}

}  // namespace m2tts
