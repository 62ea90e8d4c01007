// m2tts.v1.Training: each method checks its request and asks the board of jobs.
//
// Called by gRPC's threads; holds no state of its own. All methods are raw (raw_answer.h).
#pragma once

#include "m2tts/v1/training.grpc.pb.h"
#include "server/rpc/raw_answer.h"
#include "server/rpc/server_context.h"

namespace m2tts {

using TrainingUnaryMethods =
    v1::Training::WithRawCallbackMethod_SubmitJob<v1::Training::WithRawCallbackMethod_GetJob<
        v1::Training::WithRawCallbackMethod_ListJobs<v1::Training::WithRawCallbackMethod_UpdateJob<
            v1::Training::WithRawCallbackMethod_PauseJob<v1::Training::WithRawCallbackMethod_ResumeJob<
                v1::Training::WithRawCallbackMethod_CancelJob<v1::Training::WithRawCallbackMethod_DeleteJob<
                    v1::Training::WithRawCallbackMethod_ListArtifacts<
                        v1::Training::WithRawCallbackMethod_PublishVoice<
                            v1::Training::WithRawCallbackMethod_RollbackVoice<
                                v1::Training::Service>>>>>>>>>>>;
using TrainingMethods = v1::Training::WithRawCallbackMethod_WatchJob<
    v1::Training::WithRawCallbackMethod_GetArtifact<TrainingUnaryMethods>>;

class TrainingService final : public TrainingMethods {
 public:
  // `context` must outlive the service.
  explicit TrainingService(const ServerContext* context) : context_(context) {}

  grpc::ServerUnaryReactor* SubmitJob(grpc::CallbackServerContext* call, const grpc::ByteBuffer* request,
                                      grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* GetJob(grpc::CallbackServerContext* call, const grpc::ByteBuffer* request,
                                   grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* ListJobs(grpc::CallbackServerContext* call, const grpc::ByteBuffer* request,
                                     grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* UpdateJob(grpc::CallbackServerContext* call, const grpc::ByteBuffer* request,
                                      grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* PauseJob(grpc::CallbackServerContext* call, const grpc::ByteBuffer* request,
                                     grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* ResumeJob(grpc::CallbackServerContext* call, const grpc::ByteBuffer* request,
                                      grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* CancelJob(grpc::CallbackServerContext* call, const grpc::ByteBuffer* request,
                                      grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* DeleteJob(grpc::CallbackServerContext* call, const grpc::ByteBuffer* request,
                                      grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* ListArtifacts(grpc::CallbackServerContext* call, const grpc::ByteBuffer* request,
                                          grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* PublishVoice(grpc::CallbackServerContext* call, const grpc::ByteBuffer* request,
                                         grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* RollbackVoice(grpc::CallbackServerContext* call, const grpc::ByteBuffer* request,
                                          grpc::ByteBuffer* response) override;
  grpc::ServerWriteReactor<grpc::ByteBuffer>* WatchJob(grpc::CallbackServerContext* call,
                                                       const grpc::ByteBuffer* bytes) override;
  grpc::ServerWriteReactor<grpc::ByteBuffer>* GetArtifact(grpc::CallbackServerContext* call,
                                                          const grpc::ByteBuffer* bytes) override;

 private:
  // FAILED_PRECONDITION when the daemon has no jobs.
  StatusOr<JobSystem*> Jobs() const;
  StatusOr<JobSystem*> JobsFor(const std::string& job_id) const;
  template <typename Request>
  StatusOr<JobSystem*> JobsOf(const Request& request) const {
    return JobsFor(request.job_id());
  }
  StatusOr<JobSystem*> JobsOf(const v1::ListJobsRequest&) const { return Jobs(); }
  // Its id is checked with the rest of it.
  StatusOr<JobSystem*> JobsOf(const v1::SubmitJobRequest&) const { return Jobs(); }
  StatusOr<JobSystem*> JobsOf(const v1::RollbackVoiceRequest&) const { return Jobs(); }
  // Answers with `work(jobs, request, answer)`: at once, or from the jobs' pool.
  template <typename Request, typename Response, typename Work>
  grpc::ServerUnaryReactor* Now(const char* method, const RawCall& call, const Work& work) const;
  template <typename Request, typename Response>
  grpc::ServerUnaryReactor* Pooled(const char* method, const RawCall& call,
                                   std::function<Status(JobSystem*, const Request&, Response*)> work) const;

  const ServerContext* const context_;
};

}  // namespace m2tts
