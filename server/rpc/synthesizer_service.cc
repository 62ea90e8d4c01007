#include "server/rpc/synthesizer_service.h"

#include <memory>
#include <utility>

#include "server/rpc/audio_stream.h"
#include "server/rpc/proto_convert.h"
#include "server/rpc/raw_message.h"
#include "server/rpc/request_validation.h"
#include "server/rpc/unary_audio.h"
#include "server/rpc/unimplemented.h"

namespace m2tts {
namespace {

constexpr auto kNoDeadline = std::chrono::hours(24 * 365);

// gRPC's deadline is of the system clock, and far away when there is none.
std::optional<TimePoint> DeadlineOf(const grpc::CallbackServerContext& call) {
  const auto system_now = std::chrono::system_clock::now();
  const auto deadline = call.deadline();
  if (deadline > system_now + kNoDeadline) return std::nullopt;
  return std::chrono::steady_clock::now() +
         std::chrono::duration_cast<TimePoint::duration>(deadline - system_now);
}

// "ipv4:127.0.0.1:5000" without the port: whoever connects twice is still one client.
std::string ClientOf(const grpc::CallbackServerContext& call) {
  const std::string peer = call.peer();
  return peer.substr(0, peer.rfind(':'));
}

}  // namespace

StatusOr<SynthesisRequest> SynthesizerService::Check(const grpc::CallbackServerContext& call,
                                                     const grpc::ByteBuffer& request,
                                                     TimePoint arrival) const {
  M2TTS_ASSIGN_OR_RETURN(const auto message, ParseMessage<v1::SynthesizeRequest>(request));
  M2TTS_ASSIGN_OR_RETURN(SynthesisRequest valid, ValidateRequest(message, *context_->voices, *context_->text,
                                                                 context_->config->limits));
  valid.arrival = arrival;
  valid.client = ClientOf(call);
  valid.deadline = DeadlineOf(call);
  return valid;
}

grpc::ServerUnaryReactor* SynthesizerService::Synthesize(grpc::CallbackServerContext* call,
                                                         const grpc::ByteBuffer* request,
                                                         grpc::ByteBuffer* response) {
  auto scope = std::make_unique<CallScope>(context_->calls, "Synthesize");
  auto valid = Check(*call, *request, scope->arrival());
  return new UnaryAudio(context_->engine, std::move(scope), std::move(valid),
                        context_->config->limits.max_unary_bytes, response);
}

grpc::ServerWriteReactor<grpc::ByteBuffer>* SynthesizerService::SynthesizeStream(
    grpc::CallbackServerContext* call, const grpc::ByteBuffer* request) {
  auto scope = std::make_unique<CallScope>(context_->calls, "SynthesizeStream");
  auto valid = Check(*call, *request, scope->arrival());
  return new AudioStream(context_->engine, std::move(scope), std::move(valid));
}

grpc::ServerBidiReactor<v1::SynthesizeLiveRequest, v1::SynthesizeStreamResponse>*
SynthesizerService::SynthesizeLive(grpc::CallbackServerContext*) {
  return new UnimplementedDialogue<v1::SynthesizeLiveRequest, v1::SynthesizeStreamResponse>(
      context_->calls, "SynthesizeLive", "use SynthesizeStream, sentence by sentence");
}

grpc::ServerUnaryReactor* SynthesizerService::ListVoices(grpc::CallbackServerContext* call,
                                                         const grpc::ByteBuffer* request,
                                                         grpc::ByteBuffer* response) {
  CallScope scope(context_->calls, "ListVoices");
  grpc::ServerUnaryReactor* const reactor = call->DefaultReactor();
  reactor->Finish(scope.End(List(*request, response)));
  return reactor;
}

// Voices are sorted by name; a page token is the name of the last one sent.
Status SynthesizerService::List(const grpc::ByteBuffer& bytes, grpc::ByteBuffer* response) const {
  M2TTS_ASSIGN_OR_RETURN(const auto request, ParseMessage<v1::ListVoicesRequest>(bytes));
  M2TTS_ASSIGN_OR_RETURN(const int page_size, ValidatePageSize(request.page_size()));
  const auto& voices = context_->voices->voices();
  v1::ListVoicesResponse answer;
  for (auto it = voices.upper_bound(request.page_token()); it != voices.end(); ++it) {
    const Voice& voice = *it->second;
    if (voice.language.compare(0, request.language().size(), request.language()) != 0) continue;
    if (answer.voices_size() == page_size) {
      answer.set_next_page_token(answer.voices(page_size - 1).name());
      break;
    }
    *answer.add_voices() = ToVoice(voice, voice.name == context_->voices->default_voice());
  }
  return SerializeMessage(answer, response);
}

grpc::ServerUnaryReactor* SynthesizerService::AnalyzeText(grpc::CallbackServerContext*,
                                                          const grpc::ByteBuffer* request,
                                                          grpc::ByteBuffer* response) {
  auto scope = std::make_unique<CallScope>(context_->calls, "AnalyzeText");
  return new TextAnalysis(context_->engine, std::move(scope), CheckAnalyze(*request),
                          context_->config->limits.max_unary_bytes, response);
}

StatusOr<TextAnalysis::Request> SynthesizerService::CheckAnalyze(const grpc::ByteBuffer& bytes) const {
  M2TTS_ASSIGN_OR_RETURN(const auto request, ParseMessage<v1::AnalyzeTextRequest>(bytes));
  M2TTS_RETURN_IF_ERROR(ValidateText(request.text(), context_->config->limits.max_text_bytes));
  M2TTS_ASSIGN_OR_RETURN(const auto voice, FindVoice(*context_->voices, request.voice(), "voice"));
  M2TTS_ASSIGN_OR_RETURN(ReadOptions options, ReadOptionsFor(request.text_options(), *voice, *context_->text,
                                                             context_->config->limits.max_lexicon_bytes));
  return TextAnalysis::Request{request.text(), std::move(options)};
}

}  // namespace m2tts
