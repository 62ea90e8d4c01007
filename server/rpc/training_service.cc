#include "server/rpc/training_service.h"

#include "server/rpc/unimplemented.h"

namespace m2tts {
namespace {

constexpr char kInstead[] = "train with 'm2tts-trainer train' on the command line";

}  // namespace

grpc::ServerUnaryReactor* TrainingService::SubmitJob(grpc::CallbackServerContext* call,
                                                     const v1::SubmitJobRequest*, v1::Job*) {
  return Unimplemented(context_->calls, "SubmitJob", Role::kTrain, call, kInstead);
}

grpc::ServerUnaryReactor* TrainingService::GetJob(grpc::CallbackServerContext* call, const v1::GetJobRequest*,
                                                  v1::Job*) {
  return Unimplemented(context_->calls, "GetJob", Role::kTrain, call, kInstead);
}

grpc::ServerUnaryReactor* TrainingService::ListJobs(grpc::CallbackServerContext* call,
                                                    const v1::ListJobsRequest*, v1::ListJobsResponse*) {
  return Unimplemented(context_->calls, "ListJobs", Role::kTrain, call, kInstead);
}

grpc::ServerUnaryReactor* TrainingService::UpdateJob(grpc::CallbackServerContext* call,
                                                     const v1::UpdateJobRequest*, v1::Job*) {
  return Unimplemented(context_->calls, "UpdateJob", Role::kTrain, call, kInstead);
}

grpc::ServerUnaryReactor* TrainingService::PauseJob(grpc::CallbackServerContext* call,
                                                    const v1::PauseJobRequest*, v1::Job*) {
  return Unimplemented(context_->calls, "PauseJob", Role::kTrain, call, kInstead);
}

grpc::ServerUnaryReactor* TrainingService::ResumeJob(grpc::CallbackServerContext* call,
                                                     const v1::ResumeJobRequest*, v1::Job*) {
  return Unimplemented(context_->calls, "ResumeJob", Role::kTrain, call, kInstead);
}

grpc::ServerUnaryReactor* TrainingService::CancelJob(grpc::CallbackServerContext* call,
                                                     const v1::CancelJobRequest*, v1::Job*) {
  return Unimplemented(context_->calls, "CancelJob", Role::kTrain, call, kInstead);
}

grpc::ServerUnaryReactor* TrainingService::DeleteJob(grpc::CallbackServerContext* call,
                                                     const v1::DeleteJobRequest*, v1::DeleteJobResponse*) {
  return Unimplemented(context_->calls, "DeleteJob", Role::kTrain, call, kInstead);
}

grpc::ServerUnaryReactor* TrainingService::ListArtifacts(grpc::CallbackServerContext* call,
                                                         const v1::ListArtifactsRequest*,
                                                         v1::ListArtifactsResponse*) {
  return Unimplemented(context_->calls, "ListArtifacts", Role::kTrain, call, kInstead);
}

grpc::ServerUnaryReactor* TrainingService::PublishVoice(grpc::CallbackServerContext* call,
                                                        const v1::PublishVoiceRequest*,
                                                        v1::PublishVoiceResponse*) {
  return Unimplemented(context_->calls, "PublishVoice", Role::kTrain, call, kInstead);
}

grpc::ServerUnaryReactor* TrainingService::RollbackVoice(grpc::CallbackServerContext* call,
                                                         const v1::RollbackVoiceRequest*,
                                                         v1::RollbackVoiceResponse*) {
  return Unimplemented(context_->calls, "RollbackVoice", Role::kTrain, call, kInstead);
}

grpc::ServerWriteReactor<v1::JobEvent>* TrainingService::WatchJob(grpc::CallbackServerContext* call,
                                                                  const v1::WatchJobRequest*) {
  return new UnimplementedStream<v1::JobEvent>(context_->calls, "WatchJob", Role::kTrain, call, kInstead);
}

grpc::ServerWriteReactor<v1::ArtifactChunk>* TrainingService::GetArtifact(grpc::CallbackServerContext* call,
                                                                          const v1::GetArtifactRequest*) {
  return new UnimplementedStream<v1::ArtifactChunk>(context_->calls, "GetArtifact", Role::kTrain, call,
                                                    kInstead);
}

}  // namespace m2tts
