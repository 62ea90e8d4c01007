#include "client/bench/idle_streams.h"

#include <grpcpp/client_context.h>
#include <grpcpp/support/client_callback.h>

#include <chrono>

#include "client/call_error.h"

namespace m2tts {
namespace {

constexpr std::chrono::seconds kPatience(60);  // until all are open

}  // namespace

// Deletes itself after its last callback. A flush of nothing makes the daemon answer.
class IdleStreams::Stream
    : public grpc::ClientBidiReactor<v1::SynthesizeLiveRequest, v1::SynthesizeStreamResponse> {
 public:
  Stream(IdleStreams* owner, const ClientOptions& client, const v1::SynthesizeRequest& config)
      : owner_(owner) {
    PrepareCall(client, &context_);
    *first_.mutable_config() = config;
    first_.mutable_config()->clear_text();
    first_.set_flush(true);
  }
  void Begin(v1::Synthesizer::Stub* stub) {
    stub->async()->SynthesizeLive(&context_, this);
    StartWrite(&first_);
    StartRead(&part_);
    StartCall();
  }
  void Cancel() { context_.TryCancel(); }

 private:
  void OnReadDone(bool ok) override {
    if (!ok) return;
    if (part_.has_event()) owner_->OnOpen();
    StartRead(&part_);  // nothing comes; it keeps the call
  }
  void OnDone(const grpc::Status& status) override {
    owner_->OnEnd(this, FromGrpcStatus(status));
    delete this;
  }

  IdleStreams* const owner_;
  grpc::ClientContext context_;
  v1::SynthesizeLiveRequest first_;
  v1::SynthesizeStreamResponse part_;
};

StatusOr<std::unique_ptr<IdleStreams>> IdleStreams::Open(
    const std::vector<std::unique_ptr<v1::Synthesizer::Stub>>& stubs, const ClientOptions& client,
    const v1::SynthesizeRequest& config, int count) {
  ClientOptions for_ever = client;
  for_ever.timeout_s = 0.0;
  std::unique_ptr<IdleStreams> streams(new IdleStreams);
  for (int i = 0; i < count; ++i) {
    auto* const stream = new Stream(streams.get(), for_ever, config);
    {
      MutexLock lock(&streams->mutex_);
      streams->streams_.insert(stream);
    }
    stream->Begin(stubs[static_cast<size_t>(i) % stubs.size()].get());
  }
  M2TTS_RETURN_IF_ERROR(streams->WaitOpen(count));
  return streams;
}

IdleStreams::~IdleStreams() {
  MutexLock lock(&mutex_);
  for (Stream* stream : streams_) stream->Cancel();
  while (!streams_.empty()) changed_.Wait(&mutex_);
}

Status IdleStreams::WaitOpen(int count) {
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  MutexLock lock(&mutex_);
  while (open_ < count && error_.ok()) {
    if (!changed_.WaitUntil(&mutex_, deadline) && open_ < count) {
      return Errorf(StatusCode::kDeadlineExceeded, "{} of {} idle streams were open after {} s", open_, count,
                    kPatience.count());
    }
  }
  return Annotate(error_, "idle streams");
}

void IdleStreams::OnOpen() {
  MutexLock lock(&mutex_);
  ++open_;
  changed_.NotifyAll();
}

void IdleStreams::OnEnd(Stream* stream, const Status& status) {
  MutexLock lock(&mutex_);
  streams_.erase(stream);
  if (error_.ok()) {
    error_ = status.ok() ? Errorf(StatusCode::kUnavailable, "the daemon ended one by itself") : status;
  }
  // Under the lock: afterwards the owner may be gone.
  changed_.NotifyAll();
}

}  // namespace m2tts
