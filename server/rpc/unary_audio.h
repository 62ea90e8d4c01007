// The reactor of one Synthesize call: collects what its job makes, and answers once.
//
// Life: as AudioStream. The audio is limited in bytes, since it has to fit one message.
#pragma once

#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/server_callback.h>

#include <memory>

#include "m2tts/v1/synthesizer.pb.h"
#include "server/rpc/call_tracker.h"
#include "server/synthesis/audio_sink.h"
#include "server/synthesis/synthesis_engine.h"

namespace m2tts {

class UnaryAudio : public grpc::ServerUnaryReactor, public AudioSink {
 public:
  // Ends at once with the error of `request`, if it has one. `response` is gRPC's.
  UnaryAudio(SynthesisEngine* engine, grpc::CallbackServerContext* context, std::unique_ptr<CallScope> call,
             StatusOr<SynthesisRequest> request, int64_t max_bytes, grpc::ByteBuffer* response);

 private:
  // From the job.
  void OnChunk(EncodedChunk chunk) override;
  void OnDone(const Status& status, const SynthesisReport& report) override;
  // From gRPC.
  void OnCancel() override;
  void OnDone() override;

  Status TooLong() const;

  const std::unique_ptr<CallScope> call_;
  const std::shared_ptr<WatchedCall> watched_;
  const int64_t max_bytes_;
  grpc::ByteBuffer* const response_;
  std::shared_ptr<RunningRequest> job_;  // set in the constructor
  v1::SynthesizeResponse answer_;        // used by the job's thread
};

}  // namespace m2tts
