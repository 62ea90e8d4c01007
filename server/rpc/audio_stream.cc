#include "server/rpc/audio_stream.h"

#include <utility>

namespace m2tts {

AudioStream::AudioStream(SynthesisEngine* engine, grpc::CallbackServerContext* context,
                         std::unique_ptr<CallScope> call, StatusOr<SynthesisRequest> request)
    : answer_(std::move(call),
              {[this](const auto* message) { StartWrite(message); },
               [this](const auto* message, const grpc::Status& status) {
                 StartWriteAndFinish(message, {}, status);
               },
               [this](const grpc::Status& status) { Finish(status); }, [context] { context->TryCancel(); }}) {
  if (!request.ok()) {
    answer_.Close(request.status());
    return;
  }
  auto running = engine->Prepare(*std::move(request), &answer_);
  if (!running.ok()) {
    answer_.Close(running.status());
    return;
  }
  answer_.SetRequest(*running);
  engine->Run(*running);
}

}  // namespace m2tts
