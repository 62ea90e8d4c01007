#include "client/bench/bench_call.h"

#include <utility>

#include "client/bench/load_generator.h"
#include "client/call_error.h"

namespace m2tts {

BenchCall::BenchCall(LoadGenerator* generator, PlannedRequest planned,
                     std::chrono::steady_clock::time_point start, const ClientOptions& client)
    : generator_(generator), planned_(std::move(planned)), start_(start) {
  PrepareCall(client, &context_);
}

double BenchCall::Now() const {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
}

void BenchCall::Begin(v1::Synthesizer::Stub* stub) {
  record_.sent = Now();
  record_.scheduled = planned_.scheduled > 0.0 ? planned_.scheduled : record_.sent;
  record_.invalid = planned_.invalid;
  stub->async()->SynthesizeStream(&context_, &planned_.request, this);
  StartRead(&part_);
  if (planned_.cancel_after == 0) {
    record_.cancelled = true;
    context_.TryCancel();
  }
  StartCall();
}

void BenchCall::OnReadDone(bool ok) {
  if (!ok) return;
  if (part_.has_header()) sample_rate_ = part_.header().sample_rate_hertz();
  if (part_.has_chunk()) TakeChunk(part_.chunk());
  if (part_.has_summary()) {
    const auto& summary = part_.summary();
    if (sample_rate_ > 0) {
      record_.audio_seconds = static_cast<double>(summary.total_samples()) / sample_rate_;
    }
    record_.device_seconds = Seconds(summary.timings().device());
  }
  StartRead(&part_);
}

void BenchCall::TakeChunk(const v1::AudioChunk& chunk) {
  const double now = Now();
  const double seconds = sample_rate_ > 0 ? static_cast<double>(chunk.sample_count()) / sample_rate_ : 0.0;
  record_.bytes += static_cast<int64_t>(chunk.audio().size());
  if (record_.first_audio < 0.0) {
    record_.first_audio = now;
    played_until_ = now;
  } else {
    record_.gaps.Record(now - last_chunk_);
    if (now > played_until_) {
      ++record_.underruns;
      record_.underrun_seconds += now - played_until_;
      played_until_ = now;
    }
  }
  played_until_ += seconds;
  last_chunk_ = now;
  if (++chunks_ == planned_.cancel_after) {
    record_.cancelled = true;
    context_.TryCancel();
  }
}

void BenchCall::OnDone(const grpc::Status& status) {
  record_.finished = Now();
  record_.status = FromGrpcStatus(status);
  LoadGenerator* const generator = generator_;
  const CallRecord record = std::move(record_);
  generator->Finished(this, record);
  delete this;
}

}  // namespace m2tts
