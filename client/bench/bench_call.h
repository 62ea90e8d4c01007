// One request of a load generator: a reactor that notes when what arrives.
//
// Life: deletes itself after its last callback, in which it tells the generator.
#pragma once

#include <grpcpp/client_context.h>
#include <grpcpp/support/client_callback.h>

#include <chrono>

#include "client/bench/load_plan.h"
#include "client/bench/load_result.h"
#include "client/connection.h"
#include "m2tts/v1/synthesizer.grpc.pb.h"

namespace m2tts {

class LoadGenerator;

class BenchCall : public grpc::ClientReadReactor<v1::SynthesizeStreamResponse> {
 public:
  // Times count from `start`. `generator` outlives the call.
  BenchCall(LoadGenerator* generator, PlannedRequest planned, std::chrono::steady_clock::time_point start,
            const ClientOptions& client);

  void Begin(v1::Synthesizer::Stub* stub);
  // Any thread, while the generator knows the call.
  void Cancel() { context_.TryCancel(); }

 private:
  void OnReadDone(bool ok) override;
  void OnDone(const grpc::Status& status) override;
  double Now() const;
  void TakeChunk(const v1::AudioChunk& chunk);

  LoadGenerator* const generator_;
  const PlannedRequest planned_;
  const std::chrono::steady_clock::time_point start_;
  grpc::ClientContext context_;
  v1::SynthesizeStreamResponse part_;
  CallRecord record_;
  int sample_rate_ = 0;
  int chunks_ = 0;
  double last_chunk_ = 0.0;
  double played_until_ = 0.0;  // when a player that began with the first chunk will have used up all
};

}  // namespace m2tts
