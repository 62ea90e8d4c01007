// m2tts.v1.Synthesizer: each method checks its request and hands it to a reactor.
//
// Called by gRPC's threads; holds no state of its own. Methods that take text are registered
// raw (see raw_message.h).
#pragma once

#include "m2tts/v1/synthesizer.grpc.pb.h"
#include "server/rpc/server_context.h"
#include "server/rpc/text_analysis.h"

namespace m2tts {

using SynthesizerMethods =
    v1::Synthesizer::WithRawCallbackMethod_Synthesize<v1::Synthesizer::WithRawCallbackMethod_SynthesizeStream<
        v1::Synthesizer::WithRawCallbackMethod_SynthesizeLive<
            v1::Synthesizer::WithRawCallbackMethod_ListVoices<
                v1::Synthesizer::WithRawCallbackMethod_AnalyzeText<v1::Synthesizer::Service>>>>>;

class SynthesizerService final : public SynthesizerMethods {
 public:
  // `context` must outlive the service.
  explicit SynthesizerService(const ServerContext* context) : context_(context) {}

  grpc::ServerUnaryReactor* Synthesize(grpc::CallbackServerContext* call, const grpc::ByteBuffer* request,
                                       grpc::ByteBuffer* response) override;
  grpc::ServerWriteReactor<grpc::ByteBuffer>* SynthesizeStream(grpc::CallbackServerContext* call,
                                                               const grpc::ByteBuffer* request) override;
  grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* SynthesizeLive(
      grpc::CallbackServerContext* call) override;
  grpc::ServerUnaryReactor* ListVoices(grpc::CallbackServerContext* call, const grpc::ByteBuffer* request,
                                       grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* AnalyzeText(grpc::CallbackServerContext* call, const grpc::ByteBuffer* request,
                                        grpc::ByteBuffer* response) override;

 private:
  StatusOr<SynthesisRequest> Check(const CallScope& scope, const grpc::CallbackServerContext& call,
                                   const grpc::ByteBuffer& request) const;
  // What a parsed request asks for, within the limits of its client. `live`: the text comes later.
  StatusOr<SynthesisRequest> Admit(const CallScope& scope, const grpc::CallbackServerContext& call,
                                   const v1::SynthesizeRequest& message, bool live) const;
  // Only where the configuration wants the text in the log.
  void LogText(const CallScope& scope, const std::string& text) const;
  Status List(const CallScope& scope, const grpc::ByteBuffer& bytes, grpc::ByteBuffer* response) const;
  StatusOr<TextAnalysis::Request> CheckAnalyze(const CallScope& scope, const grpc::ByteBuffer& bytes) const;

  const ServerContext* const context_;
};

}  // namespace m2tts
