#include "client/synthesis_client.h"

#include <thread>
#include <utility>

#include "client/call_error.h"

namespace m2tts {
namespace {

// Checks that the parts of one stream come in the order that the API promises.
class StreamOrder {
 public:
  Status Check(const v1::SynthesizeStreamResponse& part) {
    if (complete_) return DataLoss("the server sent more after the summary");
    if (part.has_header() == has_header_) {
      return DataLoss(has_header_ ? "the server sent a second header" : "the server sent no header");
    }
    has_header_ = true;
    if (part.has_chunk()) {
      if (part.chunk().first_sample() != samples_) {
        return DataLoss("audio is missing: expected sample {}, got {}", samples_,
                        part.chunk().first_sample());
      }
      samples_ += part.chunk().sample_count();
    }
    if (part.has_summary()) {
      complete_ = true;
      if (part.summary().total_samples() != samples_) {
        return DataLoss("the server announced {} samples and sent {}", part.summary().total_samples(),
                        samples_);
      }
    }
    return OkStatus();
  }

  Status Finish() const { return complete_ ? OkStatus() : DataLoss("the stream ended before its summary"); }

 private:
  bool has_header_ = false;
  bool complete_ = false;
  int64_t samples_ = 0;
};

}  // namespace

SynthesisClient::SynthesisClient(ClientOptions options)
    : options_(std::move(options)),
      channel_(Connect(options_)),
      synthesizer_(v1::Synthesizer::NewStub(channel_)),
      admin_(v1::Admin::NewStub(channel_)) {}

Status SynthesisClient::SynthesizeStream(const v1::SynthesizeRequest& request, const PartHandler& on_part) {
  CancellableCall call(&calls_, options_);
  auto reader = synthesizer_->SynthesizeStream(call.context(), request);
  StreamOrder order;
  Status status;
  v1::SynthesizeStreamResponse part;
  while (status.ok() && reader->Read(&part)) {
    status = order.Check(part);
    if (status.ok()) status = on_part(part);
  }
  if (!status.ok()) call.context()->TryCancel();
  const grpc::Status finished = reader->Finish();
  if (!status.ok()) return status;
  M2TTS_RETURN_IF_ERROR(FromGrpcStatus(finished));
  return order.Finish();
}

Status SynthesisClient::SynthesizeLive(const v1::SynthesizeRequest& config, TextSource next_text,
                                       const PartHandler& on_part) {
  using LiveCall = grpc::ClientReaderWriter<v1::SynthesizeLiveRequest, v1::SynthesizeStreamResponse>;
  // Shared with the writing thread, which may wait for its text longer than the call lives.
  struct Shared {
    std::unique_ptr<CancellableCall> call;
    std::unique_ptr<LiveCall> stream;
  };
  auto shared = std::make_shared<Shared>();
  shared->call = std::make_unique<CancellableCall>(&calls_, options_);
  shared->stream = synthesizer_->SynthesizeLive(shared->call->context());
  v1::SynthesizeLiveRequest first;
  *first.mutable_config() = config;
  shared->stream->Write(first);
  std::thread([shared, next_text = std::move(next_text)] {
    v1::SynthesizeLiveRequest request;
    while (std::optional<std::string> text = next_text()) {
      request.set_text(*std::move(text));
      if (!shared->stream->Write(request)) return;
    }
    shared->stream->WritesDone();
  }).detach();

  StreamOrder order;
  Status status;
  v1::SynthesizeStreamResponse part;
  while (status.ok() && shared->stream->Read(&part)) {
    status = order.Check(part);
    if (status.ok()) status = on_part(part);
  }
  if (!status.ok()) shared->call->context()->TryCancel();
  const grpc::Status finished = shared->stream->Finish();
  shared->call->Detach();
  if (!status.ok()) return status;
  M2TTS_RETURN_IF_ERROR(FromGrpcStatus(finished));
  return order.Finish();
}

StatusOr<std::vector<v1::Voice>> SynthesisClient::ListVoices(const std::string& language) {
  std::vector<v1::Voice> voices;
  v1::ListVoicesRequest request;
  request.set_language(language);
  do {
    CancellableCall call(&calls_, options_);
    v1::ListVoicesResponse response;
    M2TTS_RETURN_IF_ERROR(FromGrpcStatus(synthesizer_->ListVoices(call.context(), request, &response)));
    voices.insert(voices.end(), response.voices().begin(), response.voices().end());
    if (!response.next_page_token().empty() && response.next_page_token() == request.page_token()) {
      return DataLoss("the server repeats page '{}' of its voices", request.page_token());
    }
    request.set_page_token(response.next_page_token());
  } while (!request.page_token().empty());
  return voices;
}

StatusOr<v1::AnalyzeTextResponse> SynthesisClient::AnalyzeText(const v1::AnalyzeTextRequest& request) {
  CancellableCall call(&calls_, options_);
  v1::AnalyzeTextResponse response;
  M2TTS_RETURN_IF_ERROR(FromGrpcStatus(synthesizer_->AnalyzeText(call.context(), request, &response)));
  return response;
}

StatusOr<v1::ServerStatus> SynthesisClient::GetStatus() {
  CancellableCall call(&calls_, options_);
  v1::ServerStatus response;
  M2TTS_RETURN_IF_ERROR(FromGrpcStatus(admin_->GetStatus(call.context(), {}, &response)));
  return response;
}

Status SynthesisClient::CallAdmin(
    const std::function<grpc::Status(v1::Admin::Stub*, grpc::ClientContext*)>& make_call) {
  CancellableCall call(&calls_, options_);
  return FromGrpcStatus(make_call(admin_.get(), call.context()));
}

}  // namespace m2tts
