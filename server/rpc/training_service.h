// m2tts.v1.Training: designed, and not implemented yet. Every method answers UNIMPLEMENTED.
#pragma once

#include "m2tts/v1/training.grpc.pb.h"
#include "server/rpc/server_context.h"

namespace m2tts {

class TrainingService final : public v1::Training::CallbackService {
 public:
  // `context` must outlive the service.
  explicit TrainingService(const ServerContext* context) : context_(context) {}

  grpc::ServerUnaryReactor* SubmitJob(grpc::CallbackServerContext* call, const v1::SubmitJobRequest*,
                                      v1::Job*) override;
  grpc::ServerUnaryReactor* GetJob(grpc::CallbackServerContext* call, const v1::GetJobRequest*,
                                   v1::Job*) override;
  grpc::ServerUnaryReactor* ListJobs(grpc::CallbackServerContext* call, const v1::ListJobsRequest*,
                                     v1::ListJobsResponse*) override;
  grpc::ServerUnaryReactor* UpdateJob(grpc::CallbackServerContext* call, const v1::UpdateJobRequest*,
                                      v1::Job*) override;
  grpc::ServerUnaryReactor* PauseJob(grpc::CallbackServerContext* call, const v1::PauseJobRequest*,
                                     v1::Job*) override;
  grpc::ServerUnaryReactor* ResumeJob(grpc::CallbackServerContext* call, const v1::ResumeJobRequest*,
                                      v1::Job*) override;
  grpc::ServerUnaryReactor* CancelJob(grpc::CallbackServerContext* call, const v1::CancelJobRequest*,
                                      v1::Job*) override;
  grpc::ServerUnaryReactor* DeleteJob(grpc::CallbackServerContext* call, const v1::DeleteJobRequest*,
                                      v1::DeleteJobResponse*) override;
  grpc::ServerUnaryReactor* ListArtifacts(grpc::CallbackServerContext* call, const v1::ListArtifactsRequest*,
                                          v1::ListArtifactsResponse*) override;
  grpc::ServerUnaryReactor* PublishVoice(grpc::CallbackServerContext* call, const v1::PublishVoiceRequest*,
                                         v1::PublishVoiceResponse*) override;
  grpc::ServerUnaryReactor* RollbackVoice(grpc::CallbackServerContext* call, const v1::RollbackVoiceRequest*,
                                          v1::RollbackVoiceResponse*) override;
  grpc::ServerWriteReactor<v1::JobEvent>* WatchJob(grpc::CallbackServerContext* call,
                                                   const v1::WatchJobRequest*) override;
  grpc::ServerWriteReactor<v1::ArtifactChunk>* GetArtifact(grpc::CallbackServerContext* call,
                                                           const v1::GetArtifactRequest*) override;

 private:
  const ServerContext* const context_;
};

}  // namespace m2tts
