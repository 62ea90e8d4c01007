// The reactor of one AnalyzeText call: reads the whole text on the worker pool.
#pragma once

#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/server_callback.h>

#include <atomic>
#include <memory>
#include <string>

#include "m2tts/v1/synthesizer.pb.h"
#include "server/rpc/call_tracker.h"
#include "server/synthesis/synthesis_engine.h"

namespace m2tts {

// Deletes itself in OnDone.
class TextAnalysis : public grpc::ServerUnaryReactor {
 public:
  struct Request {
    std::string text;
    ReadOptions options;
  };
  // Ends at once with the error of `request`, if it has one. The answer is limited in bytes,
  // since it has to fit one message. `response` is gRPC's.
  TextAnalysis(SynthesisEngine* engine, std::unique_ptr<CallScope> call, StatusOr<Request> request,
               int64_t max_bytes, grpc::ByteBuffer* response);

 private:
  void OnCancel() override { cancelled_ = true; }
  void OnDone() override { delete this; }

  Status Analyze(const TextFrontend& frontend, Request request);

  const std::unique_ptr<CallScope> call_;
  const int64_t max_bytes_;
  grpc::ByteBuffer* const response_;
  std::atomic<bool> cancelled_{false};
};

}  // namespace m2tts
