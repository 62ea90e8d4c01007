#include "server/rpc/synthesizer_service.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "server/rpc/audio_stream.h"
#include "server/rpc/live_stream.h"
#include "server/rpc/proto_convert.h"
#include "server/rpc/raw_message.h"
#include "server/rpc/request_validation.h"
#include "server/rpc/unary_audio.h"

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

// A text must not look like another line of the log.
std::string OneLine(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
  return text;
}

}  // namespace

StatusOr<SynthesisRequest> SynthesizerService::Check(const CallScope& scope,
                                                     const grpc::CallbackServerContext& call,
                                                     const grpc::ByteBuffer& request) const {
  M2TTS_RETURN_IF_ERROR(scope.status());
  M2TTS_ASSIGN_OR_RETURN(const auto message, ParseMessage<v1::SynthesizeRequest>(request));
  return Admit(scope, call, message, false);
}

StatusOr<SynthesisRequest> SynthesizerService::Admit(const CallScope& scope,
                                                     const grpc::CallbackServerContext& call,
                                                     const v1::SynthesizeRequest& message, bool live) const {
  M2TTS_ASSIGN_OR_RETURN(SynthesisRequest valid, ValidateRequest(message, *context_->voices, *context_->text,
                                                                 context_->config->limits, live));
  if (!valid.text.empty()) LogText(scope, valid.text);
  valid.client = scope.caller().name;
  valid.weight = context_->config->WeightOf(valid.client);
  valid.priority = std::max(valid.priority, scope.caller().roles.highest);
  const Admission& admission = context_->engine->admission();
  M2TTS_ASSIGN_OR_RETURN(valid.client_ticket,
                         context_->client_limits->Enter(valid.client, valid.text.size(),
                                                        admission.Predict(valid.text.size(), valid.speed),
                                                        scope.arrival(), admission.DeviceSeconds(1.0)));
  valid.arrival = scope.arrival();
  valid.deadline = DeadlineOf(call);
  return valid;
}

void SynthesizerService::LogText(const CallScope& scope, const std::string& text) const {
  if (context_->config->log_text) spdlog::info("{} says: {}", scope.caller().request_id, OneLine(text));
}

grpc::ServerUnaryReactor* SynthesizerService::Synthesize(grpc::CallbackServerContext* call,
                                                         const grpc::ByteBuffer* request,
                                                         grpc::ByteBuffer* response) {
  auto scope = std::make_unique<CallScope>(context_->calls, "Synthesize", call, Role::kSynthesize);
  auto valid = Check(*scope, *call, *request);
  return new UnaryAudio(context_->engine, call, std::move(scope), std::move(valid),
                        context_->config->limits.max_unary_bytes, response);
}

grpc::ServerWriteReactor<grpc::ByteBuffer>* SynthesizerService::SynthesizeStream(
    grpc::CallbackServerContext* call, const grpc::ByteBuffer* request) {
  auto scope = std::make_unique<CallScope>(context_->calls, "SynthesizeStream", call, Role::kSynthesize);
  auto valid = Check(*scope, *call, *request);
  return new AudioStream(context_->engine, call, std::move(scope), std::move(valid));
}

grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* SynthesizerService::SynthesizeLive(
    grpc::CallbackServerContext* call) {
  auto scope = std::make_unique<CallScope>(context_->calls, "SynthesizeLive", call, Role::kSynthesize);
  const auto check = [this, call](const CallScope& live, const v1::SynthesizeRequest& config) {
    return Admit(live, *call, config, true);
  };
  const auto hear = [this](const CallScope& live, const std::string& text) { LogText(live, text); };
  return new LiveStream(context_->engine, call, std::move(scope), check, hear,
                        context_->config->limits.max_text_bytes);
}

grpc::ServerUnaryReactor* SynthesizerService::ListVoices(grpc::CallbackServerContext* call,
                                                         const grpc::ByteBuffer* request,
                                                         grpc::ByteBuffer* response) {
  CallScope scope(context_->calls, "ListVoices", call, Role::kAny);
  grpc::ServerUnaryReactor* const reactor = call->DefaultReactor();
  reactor->Finish(scope.End(List(scope, *request, response)));
  return reactor;
}

// Voices are sorted by name; a page token is the name of the last one sent.
Status SynthesizerService::List(const CallScope& scope, const grpc::ByteBuffer& bytes,
                                grpc::ByteBuffer* response) const {
  M2TTS_RETURN_IF_ERROR(scope.status());
  M2TTS_ASSIGN_OR_RETURN(const auto request, ParseMessage<v1::ListVoicesRequest>(bytes));
  M2TTS_ASSIGN_OR_RETURN(const int page_size, ValidatePageSize(request.page_size()));
  const VoiceMap voices = context_->voices->known();
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

grpc::ServerUnaryReactor* SynthesizerService::AnalyzeText(grpc::CallbackServerContext* call,
                                                          const grpc::ByteBuffer* request,
                                                          grpc::ByteBuffer* response) {
  auto scope = std::make_unique<CallScope>(context_->calls, "AnalyzeText", call, Role::kSynthesize);
  auto valid = CheckAnalyze(*scope, *request);
  return new TextAnalysis(context_->engine, call, std::move(scope), std::move(valid),
                          context_->config->limits.max_unary_bytes, response);
}

StatusOr<TextAnalysis::Request> SynthesizerService::CheckAnalyze(const CallScope& scope,
                                                                 const grpc::ByteBuffer& bytes) const {
  M2TTS_RETURN_IF_ERROR(scope.status());
  M2TTS_ASSIGN_OR_RETURN(const auto request, ParseMessage<v1::AnalyzeTextRequest>(bytes));
  M2TTS_RETURN_IF_ERROR(ValidateText(request.text(), context_->config->limits.max_text_bytes));
  M2TTS_ASSIGN_OR_RETURN(const auto voice, FindVoice(*context_->voices, request.voice(), "voice"));
  M2TTS_ASSIGN_OR_RETURN(ReadOptions options, ReadOptionsFor(request.text_options(), *voice, *context_->text,
                                                             context_->config->limits.max_lexicon_bytes));
  // It counts as a request of its client, and takes none of the device.
  M2TTS_ASSIGN_OR_RETURN(auto ticket,
                         context_->client_limits->Enter(scope.caller().name, 0, 0.0, scope.arrival()));
  return TextAnalysis::Request{request.text(), std::move(options), std::move(ticket)};
}

}  // namespace m2tts
