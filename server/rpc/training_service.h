// m2tts.v1.Training: each method checks its request and asks the board of jobs.
//
// Called by gRPC's threads; holds no state of its own. SubmitJob takes text, and is registered raw (see
// raw_message.h).
#pragma once

#include "m2tts/v1/training.grpc.pb.h"
#include "server/rpc/server_context.h"

namespace m2tts {

using TrainingUnaryMethods = v1::Training::WithRawCallbackMethod_SubmitJob<
    v1::Training::WithCallbackMethod_GetJob<v1::Training::WithCallbackMethod_ListJobs<
        v1::Training::WithCallbackMethod_UpdateJob<v1::Training::WithCallbackMethod_PauseJob<
            v1::Training::WithCallbackMethod_ResumeJob<v1::Training::WithCallbackMethod_CancelJob<
                v1::Training::WithCallbackMethod_DeleteJob<v1::Training::WithCallbackMethod_ListArtifacts<
                    v1::Training::WithCallbackMethod_PublishVoice<
                        v1::Training::WithCallbackMethod_RollbackVoice<v1::Training::Service>>>>>>>>>>>;
using TrainingMethods = v1::Training::WithCallbackMethod_WatchJob<
    v1::Training::WithCallbackMethod_GetArtifact<TrainingUnaryMethods>>;

class TrainingService final : public TrainingMethods {
 public:
  // `context` must outlive the service.
  explicit TrainingService(const ServerContext* context) : context_(context) {}

  grpc::ServerUnaryReactor* SubmitJob(grpc::CallbackServerContext* call, const grpc::ByteBuffer* request,
                                      grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* GetJob(grpc::CallbackServerContext* call, const v1::GetJobRequest* request,
                                   v1::Job* job) override;
  grpc::ServerUnaryReactor* ListJobs(grpc::CallbackServerContext* call, const v1::ListJobsRequest* request,
                                     v1::ListJobsResponse* response) override;
  grpc::ServerUnaryReactor* UpdateJob(grpc::CallbackServerContext* call, const v1::UpdateJobRequest* request,
                                      v1::Job* job) override;
  grpc::ServerUnaryReactor* PauseJob(grpc::CallbackServerContext* call, const v1::PauseJobRequest* request,
                                     v1::Job* job) override;
  grpc::ServerUnaryReactor* ResumeJob(grpc::CallbackServerContext* call, const v1::ResumeJobRequest* request,
                                      v1::Job* job) override;
  grpc::ServerUnaryReactor* CancelJob(grpc::CallbackServerContext* call, const v1::CancelJobRequest* request,
                                      v1::Job* job) override;
  grpc::ServerUnaryReactor* DeleteJob(grpc::CallbackServerContext* call, const v1::DeleteJobRequest* request,
                                      v1::DeleteJobResponse* response) override;
  grpc::ServerUnaryReactor* ListArtifacts(grpc::CallbackServerContext* call,
                                          const v1::ListArtifactsRequest* request,
                                          v1::ListArtifactsResponse* response) override;
  grpc::ServerUnaryReactor* PublishVoice(grpc::CallbackServerContext* call,
                                         const v1::PublishVoiceRequest* request,
                                         v1::PublishVoiceResponse* response) override;
  grpc::ServerUnaryReactor* RollbackVoice(grpc::CallbackServerContext* call,
                                          const v1::RollbackVoiceRequest* request,
                                          v1::RollbackVoiceResponse* response) override;
  grpc::ServerWriteReactor<v1::JobEvent>* WatchJob(grpc::CallbackServerContext* call,
                                                   const v1::WatchJobRequest* request) override;
  grpc::ServerWriteReactor<v1::ArtifactChunk>* GetArtifact(grpc::CallbackServerContext* call,
                                                           const v1::GetArtifactRequest* request) override;

 private:
  // FAILED_PRECONDITION when the daemon has no jobs.
  StatusOr<JobSystem*> Jobs() const;
  StatusOr<JobSystem*> JobsFor(const std::string& job_id) const;

  const ServerContext* const context_;
};

}  // namespace m2tts
