// The client library: one connection to m2ttsd and its calls, as plain functions.
//
// Errors are the server's Status with its details (call_error.h), or DATA_LOSS when a stream
// breaks its own contract. Nothing is retried: the caller knows whether that makes sense.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "client/cancellable_calls.h"
#include "client/connection.h"
#include "core/base/status.h"
#include "m2tts/v1/admin.grpc.pb.h"
#include "m2tts/v1/synthesizer.grpc.pb.h"

namespace m2tts {

// Calls block; one at a time per object. Cancel() may come from any thread.
class SynthesisClient {
 public:
  explicit SynthesisClient(ClientOptions options);

  // Receives each part in order. An error from it cancels the call and is returned.
  using PartHandler = std::function<Status(const v1::SynthesizeStreamResponse&)>;

  // OK only after a complete stream: a header, chunks without a gap, and a summary whose
  // number of samples is the number received.
  Status SynthesizeStream(const v1::SynthesizeRequest& request, const PartHandler& on_part);

  // The same for text that arrives while it is spoken. `next_text` is called by a thread of its own and
  // blocks until there is more; nullopt ends the text. When the call ends early that thread is left
  // alone, and whatever `next_text` refers to must live until the process ends.
  using TextSource = std::function<std::optional<std::string>()>;
  Status SynthesizeLive(const v1::SynthesizeRequest& config, TextSource next_text,
                        const PartHandler& on_part);

  // All pages. `language` is a prefix, "" for all.
  StatusOr<std::vector<v1::Voice>> ListVoices(const std::string& language);
  StatusOr<v1::AnalyzeTextResponse> AnalyzeText(const v1::AnalyzeTextRequest& request);
  StatusOr<v1::ServerStatus> GetStatus();

  // Makes one call of m2tts.v1.Admin: client.CallAdmin([&](v1::Admin::Stub* stub, grpc::ClientContext*
  // context) { return stub->Reload(context, request, &response); });
  Status CallAdmin(const std::function<grpc::Status(v1::Admin::Stub*, grpc::ClientContext*)>& make_call);

  // Ends the call in progress, and any later one, with CANCELLED.
  void Cancel() { calls_.Cancel(); }

 private:
  const ClientOptions options_;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<v1::Synthesizer::Stub> synthesizer_;
  std::unique_ptr<v1::Admin::Stub> admin_;

  CancellableCalls calls_;
};

}  // namespace m2tts
