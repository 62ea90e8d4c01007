// The reactor of one SynthesizeStream call. The work is AnswerWriter's.
#pragma once

#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/server_callback.h>

#include <memory>

#include "server/rpc/answer_writer.h"
#include "server/synthesis/synthesis_engine.h"

namespace m2tts {

class AudioStream : public grpc::ServerWriteReactor<grpc::ByteBuffer> {
 public:
  // Ends at once with the error of `request`, if it has one.
  AudioStream(SynthesisEngine* engine, grpc::CallbackServerContext* context, std::unique_ptr<CallScope> call,
              StatusOr<SynthesisRequest> request);

 private:
  void OnWriteDone(bool ok) override { answer_.OnWriteDone(ok); }
  void OnCancel() override { answer_.OnCancel(); }
  void OnDone() override { delete this; }

  AnswerWriter answer_;
};

}  // namespace m2tts
