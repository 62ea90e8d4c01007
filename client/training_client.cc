#include "client/training_client.h"

#include <algorithm>
#include <utility>

#include "client/call_error.h"

namespace m2tts {
namespace {

constexpr int kPageSize = 200;

}  // namespace

TrainingClient::TrainingClient(ClientOptions options)
    : options_(std::move(options)), channel_(Connect(options_)), stub_(v1::Training::NewStub(channel_)) {}

StatusOr<v1::Job> TrainingClient::Submit(const v1::SubmitJobRequest& request) {
  CancellableCall call(&calls_, options_);
  v1::Job job;
  M2TTS_RETURN_IF_ERROR(FromGrpcStatus(stub_->SubmitJob(call.context(), request, &job)));
  return job;
}

StatusOr<v1::Job> TrainingClient::Get(const std::string& id) {
  CancellableCall call(&calls_, options_);
  v1::GetJobRequest request;
  request.set_job_id(id);
  v1::Job job;
  M2TTS_RETURN_IF_ERROR(FromGrpcStatus(stub_->GetJob(call.context(), request, &job)));
  return job;
}

StatusOr<std::vector<v1::Job>> TrainingClient::List(const std::vector<v1::JobState>& states, int limit) {
  std::vector<v1::Job> jobs;
  v1::ListJobsRequest request;
  for (const v1::JobState state : states) request.add_states(state);
  do {
    CancellableCall call(&calls_, options_);
    const int left = limit - static_cast<int>(jobs.size());
    request.set_page_size(limit > 0 ? std::min(kPageSize, left) : kPageSize);
    v1::ListJobsResponse response;
    M2TTS_RETURN_IF_ERROR(FromGrpcStatus(stub_->ListJobs(call.context(), request, &response)));
    jobs.insert(jobs.end(), response.jobs().begin(), response.jobs().end());
    if (!response.next_page_token().empty() && response.next_page_token() == request.page_token()) {
      return DataLoss("the server repeats page '{}' of its jobs", request.page_token());
    }
    request.set_page_token(response.next_page_token());
  } while (!request.page_token().empty() && (limit == 0 || jobs.size() < static_cast<size_t>(limit)));
  return jobs;
}

StatusOr<v1::Job> TrainingClient::Update(const v1::UpdateJobRequest& request) {
  CancellableCall call(&calls_, options_);
  v1::Job job;
  M2TTS_RETURN_IF_ERROR(FromGrpcStatus(stub_->UpdateJob(call.context(), request, &job)));
  return job;
}

StatusOr<v1::Job> TrainingClient::Pause(const std::string& id) {
  CancellableCall call(&calls_, options_);
  v1::PauseJobRequest request;
  request.set_job_id(id);
  v1::Job job;
  M2TTS_RETURN_IF_ERROR(FromGrpcStatus(stub_->PauseJob(call.context(), request, &job)));
  return job;
}

StatusOr<v1::Job> TrainingClient::Resume(const std::string& id) {
  CancellableCall call(&calls_, options_);
  v1::ResumeJobRequest request;
  request.set_job_id(id);
  v1::Job job;
  M2TTS_RETURN_IF_ERROR(FromGrpcStatus(stub_->ResumeJob(call.context(), request, &job)));
  return job;
}

StatusOr<v1::Job> TrainingClient::CancelJob(const std::string& id) {
  CancellableCall call(&calls_, options_);
  v1::CancelJobRequest request;
  request.set_job_id(id);
  v1::Job job;
  M2TTS_RETURN_IF_ERROR(FromGrpcStatus(stub_->CancelJob(call.context(), request, &job)));
  return job;
}

Status TrainingClient::Delete(const std::string& id) {
  CancellableCall call(&calls_, options_);
  v1::DeleteJobRequest request;
  request.set_job_id(id);
  v1::DeleteJobResponse response;
  return FromGrpcStatus(stub_->DeleteJob(call.context(), request, &response));
}

Status TrainingClient::Watch(const std::string& id, int64_t from_sequence, const EventHandler& on_event) {
  CancellableCall call(&calls_, options_);
  v1::WatchJobRequest request;
  request.set_job_id(id);
  request.set_from_sequence(from_sequence);
  const auto reader = stub_->WatchJob(call.context(), request);
  Status status;
  v1::JobEvent event;
  while (status.ok() && reader->Read(&event)) status = on_event(event);
  if (!status.ok()) call.context()->TryCancel();
  const grpc::Status finished = reader->Finish();
  return status.ok() ? FromGrpcStatus(finished) : status;
}

StatusOr<std::vector<v1::Artifact>> TrainingClient::ListArtifacts(const std::string& id) {
  std::vector<v1::Artifact> artifacts;
  v1::ListArtifactsRequest request;
  request.set_job_id(id);
  request.set_page_size(kPageSize);
  do {
    CancellableCall call(&calls_, options_);
    v1::ListArtifactsResponse response;
    M2TTS_RETURN_IF_ERROR(FromGrpcStatus(stub_->ListArtifacts(call.context(), request, &response)));
    artifacts.insert(artifacts.end(), response.artifacts().begin(), response.artifacts().end());
    if (!response.next_page_token().empty() && response.next_page_token() == request.page_token()) {
      return DataLoss("the server repeats page '{}' of the artifacts", request.page_token());
    }
    request.set_page_token(response.next_page_token());
  } while (!request.page_token().empty());
  return artifacts;
}

Status TrainingClient::GetArtifact(const std::string& id, const std::string& name,
                                   const BytesHandler& on_bytes) {
  CancellableCall call(&calls_, options_);
  v1::GetArtifactRequest request;
  request.set_job_id(id);
  request.set_name(name);
  const auto reader = stub_->GetArtifact(call.context(), request);
  int64_t offset = 0;
  Status status;
  v1::ArtifactChunk chunk;
  while (status.ok() && reader->Read(&chunk)) {
    if (chunk.offset() != offset) {
      status = DataLoss("bytes are missing: expected {}, got {}", offset, chunk.offset());
      break;
    }
    offset += static_cast<int64_t>(chunk.data().size());
    status = on_bytes(chunk.data());
  }
  if (!status.ok()) call.context()->TryCancel();
  const grpc::Status finished = reader->Finish();
  return status.ok() ? FromGrpcStatus(finished) : status;
}

StatusOr<v1::PublishVoiceResponse> TrainingClient::Publish(const v1::PublishVoiceRequest& request) {
  CancellableCall call(&calls_, options_);
  v1::PublishVoiceResponse response;
  M2TTS_RETURN_IF_ERROR(FromGrpcStatus(stub_->PublishVoice(call.context(), request, &response)));
  return response;
}

StatusOr<v1::RollbackVoiceResponse> TrainingClient::Rollback(const std::string& voice) {
  CancellableCall call(&calls_, options_);
  v1::RollbackVoiceRequest request;
  request.set_voice_name(voice);
  v1::RollbackVoiceResponse response;
  M2TTS_RETURN_IF_ERROR(FromGrpcStatus(stub_->RollbackVoice(call.context(), request, &response)));
  return response;
}

}  // namespace m2tts
