// The client library's part for background jobs: the calls of m2tts.v1.Training as plain functions.
//
// Errors are the server's Status with its details (call_error.h). Nothing is retried here.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "client/cancellable_calls.h"
#include "client/connection.h"
#include "core/base/status.h"
#include "m2tts/v1/training.grpc.pb.h"

namespace m2tts {

// Calls block; one at a time per object. Cancel() may come from any thread.
class TrainingClient {
 public:
  explicit TrainingClient(ClientOptions options);

  StatusOr<v1::Job> Submit(const v1::SubmitJobRequest& request);
  StatusOr<v1::Job> Get(const std::string& id);
  // Newest first, all pages until there are `limit` (0: all).
  StatusOr<std::vector<v1::Job>> List(const std::vector<v1::JobState>& states, int limit);
  StatusOr<v1::Job> Update(const v1::UpdateJobRequest& request);
  StatusOr<v1::Job> Pause(const std::string& id);
  StatusOr<v1::Job> Resume(const std::string& id);
  StatusOr<v1::Job> CancelJob(const std::string& id);
  Status Delete(const std::string& id);

  // Receives the events in order until the job has ended. An error of the handler ends the call and is
  // returned.
  using EventHandler = std::function<Status(const v1::JobEvent&)>;
  Status Watch(const std::string& id, int64_t from_sequence, const EventHandler& on_event);

  StatusOr<std::vector<v1::Artifact>> ListArtifacts(const std::string& id);
  using BytesHandler = std::function<Status(std::string_view)>;
  Status GetArtifact(const std::string& id, const std::string& name, const BytesHandler& on_bytes);

  StatusOr<v1::PublishVoiceResponse> Publish(const v1::PublishVoiceRequest& request);
  StatusOr<v1::RollbackVoiceResponse> Rollback(const std::string& voice);

  // Ends the call in progress, and any later one, with CANCELLED.
  void Cancel() { calls_.Cancel(); }
  bool cancelled() { return calls_.cancelled(); }

 private:
  const ClientOptions options_;
  const std::shared_ptr<grpc::Channel> channel_;
  const std::unique_ptr<v1::Training::Stub> stub_;

  CancellableCalls calls_;
};

}  // namespace m2tts
