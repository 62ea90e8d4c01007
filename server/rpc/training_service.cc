#include "server/rpc/training_service.h"

#include <algorithm>
#include <charconv>
#include <functional>
#include <memory>
#include <utility>

#include "core/voice/voice_manifest.h"
#include "server/base/status_details.h"
#include "server/jobs/job_spec.h"
#include "server/jobs/job_state.h"
#include "server/jobs/job_system.h"
#include "server/rpc/artifact_stream.h"
#include "server/rpc/job_watch.h"
#include "server/rpc/raw_message.h"
#include "server/rpc/request_validation.h"

namespace m2tts {
namespace {

constexpr int kMaxPriority = 100;
constexpr int kMaxLabels = 64;
constexpr size_t kMaxLabelBytes = 256;

Status CheckPriority(int priority) {
  if (priority >= -kMaxPriority && priority <= kMaxPriority) return OkStatus();
  return FieldErrorf("priority", "{} is outside [-100, 100]", priority);
}

template <typename Map>
Status CheckLabels(const Map& labels) {
  FieldViolations wrong;
  if (static_cast<int>(labels.size()) > kMaxLabels) {
    return FieldErrorf("labels", "{} of them, at most {} are allowed", labels.size(), kMaxLabels);
  }
  for (const auto& [name, value] : labels) {
    const std::string shown = name.substr(0, 64);
    if (!IsValidId(name)) wrong.Add(FieldErrorf("labels", "'{}' is no name", shown));
    if (value.size() > kMaxLabelBytes) {
      wrong.Add(FieldErrorf("labels", "the value of '{}' has {} bytes, at most {} are allowed", shown,
                            value.size(), kMaxLabelBytes));
    }
  }
  return wrong.status();
}

// Jobs that a new one names must be there.
void CheckOthers(JobSystem* jobs, const v1::JobSpec& spec, FieldViolations* wrong) {
  const std::pair<const char*, std::string> others[] = {
      {"spec.after", spec.after()}, {"spec.base_voice", JobOfBaseVoice(spec.base_voice())}};
  for (const auto& [field, other] : others) {
    if (!IsValidId(other) || jobs->board().Record(other).ok()) continue;  // what is no id has been said
    wrong->Add(FieldErrorf(field, "there is no job '{}'", other));
  }
}

// In the queue, and on the disk. Asked again where it counts.
Status HasPlace(JobSystem* jobs) {
  M2TTS_RETURN_IF_ERROR(jobs->board().HasPlace());
  return jobs->environment().HasRoom(jobs->config().min_free_mb);
}

Status CheckSubmit(JobSystem* jobs, const v1::SubmitJobRequest& request) {
  FieldViolations wrong;
  wrong.Add(CheckPriority(request.priority()));
  wrong.Add(CheckLabels(request.labels()));
  const auto resolved =
      ResolveSpec(request.job_id(), request.spec(), jobs->environment(), SpecTime::kAtSubmit);
  wrong.Add(resolved.status());
  CheckOthers(jobs, request.spec(), &wrong);
  Status place = HasPlace(jobs);
  // Half a second: only for what is right otherwise, as far as it goes, and would be taken.
  if (place.ok() && resolved.ok() && !resolved->config_yaml.empty()) {
    wrong.Add(AskTrainer(resolved->config_yaml, jobs->environment(), jobs->environment().state_dir / "jobs"));
  }
  M2TTS_RETURN_IF_ERROR(wrong.status());
  return place;
}

Status Submit(JobSystem* jobs, const v1::SubmitJobRequest& request, v1::Job* job) {
  const std::string& id = request.job_id();
  if (!jobs->board().Record(id).ok()) M2TTS_RETURN_IF_ERROR(CheckSubmit(jobs, request));
  const std::map<std::string, std::string> labels(request.labels().begin(), request.labels().end());
  M2TTS_ASSIGN_OR_RETURN(*job, jobs->board().Submit(id, request.spec(), request.priority(), labels));
  return OkStatus();
}

// Page tokens of jobs are their numbers.
StatusOr<int64_t> ParsePageToken(const std::string& token) {
  int64_t number = 0;
  if (token.empty()) return number;
  const auto result = std::from_chars(token.data(), token.data() + token.size(), number);
  if (result.ec != std::errc() || result.ptr != token.data() + token.size() || number < 1) {
    return FieldError("page_token", "is not one that this server gave");
  }
  return number;
}

// The bundle that a job has made.
StatusOr<std::filesystem::path> BundleOf(JobSystem* jobs, const std::string& id) {
  M2TTS_ASSIGN_OR_RETURN(const JobRecord record, jobs->board().Record(id));
  const v1::JobSpec& spec = record.job.spec();
  const auto bundle = jobs->environment().voice(id, spec.voice_name().empty() ? id : spec.voice_name());
  std::error_code error;
  if (!JobStateMachine::IsTerminal(record.job.state()) ||
      !std::filesystem::exists(bundle / "voice.json", error)) {
    return Errorf(StatusCode::kFailedPrecondition, "job '{}' is {} and has made no voice", id,
                  JobStateName(record.job.state()));
  }
  return bundle;
}

Status CheckVoiceName(const std::string& name) {
  if (IsValidId(name)) return OkStatus();
  return FieldError("voice_name", "must match [A-Za-z0-9][A-Za-z0-9._-]{0,63}");
}

Status List(JobSystem* jobs, const v1::ListJobsRequest& request, v1::ListJobsResponse* response) {
  M2TTS_ASSIGN_OR_RETURN(const int page_size, ValidatePageSize(request.page_size()));
  M2TTS_ASSIGN_OR_RETURN(const int64_t before, ParsePageToken(request.page_token()));
  std::vector<v1::JobState> states;
  for (const int state : request.states()) {
    if (!v1::JobState_IsValid(state)) return FieldErrorf("states", "{} is unknown", state);
    states.push_back(static_cast<v1::JobState>(state));
  }
  std::sort(states.begin(), states.end());
  states.erase(std::unique(states.begin(), states.end()), states.end());
  M2TTS_ASSIGN_OR_RETURN(auto records, jobs->board().List(states, before, page_size + 1));
  if (records.size() > static_cast<size_t>(page_size)) {
    records.resize(static_cast<size_t>(page_size));
    response->set_next_page_token(std::to_string(records.back().number));
  }
  for (JobRecord& record : records) {
    record.job.mutable_spec()->clear_config_yaml();
    *response->add_jobs() = std::move(record.job);
  }
  return OkStatus();
}

Status ListFiles(JobSystem* jobs, const v1::ListArtifactsRequest& request,
                 v1::ListArtifactsResponse* response) {
  M2TTS_ASSIGN_OR_RETURN(const int page_size, ValidatePageSize(request.page_size()));
  M2TTS_RETURN_IF_ERROR(jobs->board().Record(request.job_id()).status());
  M2TTS_ASSIGN_OR_RETURN(auto artifacts, jobs->artifacts().List(jobs->environment().job(request.job_id()),
                                                                request.page_token(), page_size + 1));
  if (artifacts.size() > static_cast<size_t>(page_size)) {
    artifacts.resize(static_cast<size_t>(page_size));
    response->set_next_page_token(artifacts.back().name());
  }
  for (auto& artifact : artifacts) *response->add_artifacts() = std::move(artifact);
  return OkStatus();
}

Status Publish(JobSystem* jobs, const v1::PublishVoiceRequest& request, v1::PublishVoiceResponse* response) {
  const std::string& name = request.voice_name();
  if (!name.empty()) M2TTS_RETURN_IF_ERROR(CheckVoiceName(name));
  M2TTS_ASSIGN_OR_RETURN(const auto bundle, BundleOf(jobs, request.job_id()));
  M2TTS_ASSIGN_OR_RETURN(const auto published,
                         jobs->publisher().Publish(request.job_id(), bundle, name, request.make_default()));
  response->set_voice_name(published.voice);
  response->set_version(published.version);
  return jobs->board()
      .Change(request.job_id(), [&](v1::Job* job) { job->set_published_voice(published.voice); })
      .status();
}

// Assigns the job, or returns the error.
Status Take(StatusOr<v1::Job> from, v1::Job* job) {
  if (!from.ok()) return from.status();
  *job = *std::move(from);
  return OkStatus();
}

Status Update(JobSystem* jobs, const v1::UpdateJobRequest& request, v1::Job* job) {
  if (request.has_priority()) M2TTS_RETURN_IF_ERROR(CheckPriority(request.priority()));
  M2TTS_RETURN_IF_ERROR(CheckLabels(request.labels()));
  if (!request.labels().empty() && !request.replace_labels()) {
    return FieldError("labels", "replace all of a job's: set replace_labels too");
  }
  return Take(jobs->board().Change(request.job_id(),
                                   [&](v1::Job* changed) {
                                     if (request.has_priority()) changed->set_priority(request.priority());
                                     if (request.replace_labels())
                                       *changed->mutable_labels() = request.labels();
                                   }),
              job);
}

}  // namespace

StatusOr<JobSystem*> TrainingService::Jobs() const {
  if (context_->jobs != nullptr) return context_->jobs;
  return Errorf(StatusCode::kFailedPrecondition,
                "this daemon runs no jobs: give it a state_dir (--state-dir or its configuration)");
}

StatusOr<JobSystem*> TrainingService::JobsFor(const std::string& job_id) const {
  M2TTS_ASSIGN_OR_RETURN(JobSystem* const jobs, Jobs());
  if (!IsValidId(job_id)) return FieldError("job_id", "must match [A-Za-z0-9][A-Za-z0-9._-]{0,63}");
  return jobs;
}

template <typename Request, typename Response, typename Work>
grpc::ServerUnaryReactor* TrainingService::Now(const char* method, const RawCall& call,
                                               const Work& work) const {
  return AnswerNow<Request, Response>(context_->calls, method, Role::kTrain, call,
                                      [&](const Request& request, Response* response) -> Status {
                                        M2TTS_ASSIGN_OR_RETURN(JobSystem* const jobs, JobsOf(request));
                                        return work(jobs, request, response);
                                      });
}

template <typename Request, typename Response>
grpc::ServerUnaryReactor* TrainingService::Pooled(
    const char* method, const RawCall& call,
    std::function<Status(JobSystem*, const Request&, Response*)> work) const {
  return new PooledAnswer<Request, Response>(
      context_->calls, method, Role::kTrain, call,
      [this](const Request& request) -> StatusOr<WorkerPool*> {
        M2TTS_ASSIGN_OR_RETURN(JobSystem* const jobs, JobsOf(request));
        return &jobs->pool();
      },
      [this, work = std::move(work)](const Request& request, Response* response) {
        return work(context_->jobs, request, response);
      });
}

grpc::ServerUnaryReactor* TrainingService::SubmitJob(grpc::CallbackServerContext* call,
                                                     const grpc::ByteBuffer* request,
                                                     grpc::ByteBuffer* response) {
  return Pooled<v1::SubmitJobRequest, v1::Job>("SubmitJob", {call, request, response}, &Submit);
}

grpc::ServerUnaryReactor* TrainingService::GetJob(grpc::CallbackServerContext* call,
                                                  const grpc::ByteBuffer* request,
                                                  grpc::ByteBuffer* response) {
  return Now<v1::GetJobRequest, v1::Job>("GetJob", {call, request, response},
                                         [](JobSystem* jobs, const auto& asked, v1::Job* job) {
                                           return Take(jobs->board().Get(asked.job_id()), job);
                                         });
}

grpc::ServerUnaryReactor* TrainingService::ListJobs(grpc::CallbackServerContext* call,
                                                    const grpc::ByteBuffer* request,
                                                    grpc::ByteBuffer* response) {
  return Now<v1::ListJobsRequest, v1::ListJobsResponse>("ListJobs", {call, request, response}, &List);
}

grpc::ServerUnaryReactor* TrainingService::UpdateJob(grpc::CallbackServerContext* call,
                                                     const grpc::ByteBuffer* request,
                                                     grpc::ByteBuffer* response) {
  return Now<v1::UpdateJobRequest, v1::Job>("UpdateJob", {call, request, response}, &Update);
}

grpc::ServerUnaryReactor* TrainingService::PauseJob(grpc::CallbackServerContext* call,
                                                    const grpc::ByteBuffer* request,
                                                    grpc::ByteBuffer* response) {
  return Now<v1::PauseJobRequest, v1::Job>("PauseJob", {call, request, response},
                                           [](JobSystem* jobs, const auto& asked, v1::Job* job) {
                                             return Take(jobs->board().Pause(asked.job_id()), job);
                                           });
}

grpc::ServerUnaryReactor* TrainingService::ResumeJob(grpc::CallbackServerContext* call,
                                                     const grpc::ByteBuffer* request,
                                                     grpc::ByteBuffer* response) {
  return Now<v1::ResumeJobRequest, v1::Job>("ResumeJob", {call, request, response},
                                            [](JobSystem* jobs, const auto& asked, v1::Job* job) {
                                              return Take(jobs->board().Resume(asked.job_id()), job);
                                            });
}

grpc::ServerUnaryReactor* TrainingService::CancelJob(grpc::CallbackServerContext* call,
                                                     const grpc::ByteBuffer* request,
                                                     grpc::ByteBuffer* response) {
  return Now<v1::CancelJobRequest, v1::Job>("CancelJob", {call, request, response},
                                            [](JobSystem* jobs, const auto& asked, v1::Job* job) {
                                              return Take(jobs->board().Cancel(asked.job_id()), job);
                                            });
}

grpc::ServerUnaryReactor* TrainingService::DeleteJob(grpc::CallbackServerContext* call,
                                                     const grpc::ByteBuffer* request,
                                                     grpc::ByteBuffer* response) {
  return Pooled<v1::DeleteJobRequest, v1::DeleteJobResponse>(
      "DeleteJob", {call, request, response}, [](JobSystem* jobs, const auto& asked, auto*) -> Status {
        M2TTS_RETURN_IF_ERROR(jobs->board().Delete(asked.job_id()));
        jobs->environment().RemoveJob(asked.job_id());
        return OkStatus();
      });
}

grpc::ServerUnaryReactor* TrainingService::ListArtifacts(grpc::CallbackServerContext* call,
                                                         const grpc::ByteBuffer* request,
                                                         grpc::ByteBuffer* response) {
  // Checksums of new files are computed: not on a thread of gRPC.
  return Pooled<v1::ListArtifactsRequest, v1::ListArtifactsResponse>("ListArtifacts",
                                                                     {call, request, response}, &ListFiles);
}

grpc::ServerUnaryReactor* TrainingService::PublishVoice(grpc::CallbackServerContext* call,
                                                        const grpc::ByteBuffer* request,
                                                        grpc::ByteBuffer* response) {
  return Pooled<v1::PublishVoiceRequest, v1::PublishVoiceResponse>("PublishVoice", {call, request, response},
                                                                   &Publish);
}

grpc::ServerUnaryReactor* TrainingService::RollbackVoice(grpc::CallbackServerContext* call,
                                                         const grpc::ByteBuffer* request,
                                                         grpc::ByteBuffer* response) {
  return Pooled<v1::RollbackVoiceRequest, v1::RollbackVoiceResponse>(
      "RollbackVoice", {call, request, response},
      [](JobSystem* jobs, const auto& asked, auto* answer) -> Status {
        M2TTS_RETURN_IF_ERROR(CheckVoiceName(asked.voice_name()));
        M2TTS_ASSIGN_OR_RETURN(const int64_t version, jobs->publisher().Rollback(asked.voice_name()));
        answer->set_version(version);
        return OkStatus();
      });
}

grpc::ServerWriteReactor<grpc::ByteBuffer>* TrainingService::WatchJob(grpc::CallbackServerContext* call,
                                                                      const grpc::ByteBuffer* bytes) {
  auto scope = std::make_unique<CallScope>(context_->calls, "WatchJob", call, Role::kTrain);
  v1::WatchJobRequest request;
  const auto check = [&]() -> Status {
    M2TTS_RETURN_IF_ERROR(scope->status());
    M2TTS_ASSIGN_OR_RETURN(request, ParseMessage<v1::WatchJobRequest>(*bytes));
    M2TTS_RETURN_IF_ERROR(JobsOf(request).status());
    if (request.from_sequence() < 0) return FieldError("from_sequence", "must not be negative");
    return OkStatus();
  };
  const Status status = check();
  JobSystem* const jobs = context_->jobs;  // there, if all is well
  return JobWatch::Start(jobs == nullptr ? nullptr : &jobs->board(),
                         jobs == nullptr ? nullptr : &jobs->watch_pool(), std::move(scope), status,
                         request.job_id(), request.from_sequence());
}

grpc::ServerWriteReactor<grpc::ByteBuffer>* TrainingService::GetArtifact(grpc::CallbackServerContext* call,
                                                                         const grpc::ByteBuffer* bytes) {
  auto scope = std::make_unique<CallScope>(context_->calls, "GetArtifact", call, Role::kTrain);
  v1::GetArtifactRequest request;
  const auto find = [&]() -> StatusOr<std::filesystem::path> {
    M2TTS_RETURN_IF_ERROR(scope->status());
    M2TTS_ASSIGN_OR_RETURN(request, ParseMessage<v1::GetArtifactRequest>(*bytes));
    M2TTS_ASSIGN_OR_RETURN(JobSystem* const jobs, JobsOf(request));
    M2TTS_RETURN_IF_ERROR(jobs->board().Record(request.job_id()).status());
    return Artifacts::Find(jobs->environment().job(request.job_id()), request.name());
  };
  const auto file = find();
  return new ArtifactStream(std::move(scope), file, request.offset());
}

}  // namespace m2tts
