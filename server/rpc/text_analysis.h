// The reactor of one AnalyzeText call: reads the text on a pool of its own, a sentence at a time, so that a
// long one does not keep the first sentences of others from being read, and none a request from being spoken.
#pragma once

#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/server_callback.h>

#include <atomic>
#include <memory>
#include <optional>
#include <string>

#include "m2tts/v1/synthesizer.pb.h"
#include "server/rpc/call_tracker.h"
#include "server/security/client_limits.h"
#include "server/synthesis/synthesis_engine.h"

namespace m2tts {

// Deletes itself in OnDone.
class TextAnalysis : public grpc::ServerUnaryReactor {
 public:
  struct Request {
    std::string text;
    ReadOptions options;
    std::unique_ptr<ClientLimits::Ticket> client_ticket;  // let go of with the answer
  };
  // Ends at once with the error of `request`, if it has one. The answer is limited in bytes,
  // since it has to fit one message. `response` is gRPC's.
  TextAnalysis(SynthesisEngine* engine, grpc::CallbackServerContext* context, std::unique_ptr<CallScope> call,
               StatusOr<Request> request, int64_t max_bytes, grpc::ByteBuffer* response);

 private:
  void OnCancel() override { cancelled_ = true; }
  void OnDone() override;

  // One task of the pool; the last may delete this.
  void Step();
  // One sentence; nullopt: there are more.
  std::optional<Status> ReadOne();
  void Complete(const Status& status);

  SynthesisEngine* const engine_;
  const std::unique_ptr<CallScope> call_;
  const std::shared_ptr<WatchedCall> watched_;
  const int64_t max_bytes_;
  grpc::ByteBuffer* const response_;
  std::atomic<bool> cancelled_{false};

  // The running task.
  Request request_;
  size_t text_bytes_ = 0;
  std::unique_ptr<SentenceReader> reader_;
  v1::AnalyzeTextResponse answer_;
  size_t answer_bytes_ = 0;
};

}  // namespace m2tts
