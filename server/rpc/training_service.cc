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
constexpr double kTrainingRetrySeconds = 5.0;

// Answers at once.
template <typename Function>
grpc::ServerUnaryReactor* Answer(CallTracker* calls, const char* method, grpc::CallbackServerContext* call,
                                 Function function) {
  CallScope scope(calls, method, call, Role::kTrain);
  grpc::ServerUnaryReactor* const reactor = call->DefaultReactor();
  reactor->Finish(scope.End(scope.status().ok() ? function() : scope.status()));
  return reactor;
}

// Answers from a pool, since it takes longer than a thread of gRPC may be held. Deletes itself.
class PooledAnswer : public grpc::ServerUnaryReactor {
 public:
  PooledAnswer(CallTracker* calls, const char* method, grpc::CallbackServerContext* context,
               StatusOr<JobSystem*> jobs, std::function<Status(JobSystem*)> work)
      : call_(calls, method, context, Role::kTrain) {
    if (!call_.status().ok()) {
      Finish(call_.End(call_.status()));
      return;
    }
    if (!jobs.ok()) {
      Finish(call_.End(jobs.status()));
      return;
    }
    const bool posted = (*jobs)->pool().TryPost(
        [this, jobs = *jobs, work = std::move(work)] { Finish(call_.End(work(jobs))); });
    if (posted) return;
    Finish(
        call_.End(WithRetryDelay(Errorf(StatusCode::kResourceExhausted,
                                        "too many such calls wait; retry in {:.0f} s", kTrainingRetrySeconds),
                                 kTrainingRetrySeconds)));
  }
  void OnDone() override { delete this; }

 private:
  CallScope call_;
};

Status CheckPriority(int priority) {
  if (priority >= -kMaxPriority && priority <= kMaxPriority) return OkStatus();
  return FieldErrorf("priority", "{} is outside [-100, 100]", priority);
}

template <typename Map>
Status CheckLabels(const Map& labels) {
  if (static_cast<int>(labels.size()) > kMaxLabels) {
    return FieldErrorf("labels", "{} of them, at most {} are allowed", labels.size(), kMaxLabels);
  }
  for (const auto& [name, value] : labels) {
    if (!IsValidId(name)) return FieldErrorf("labels", "'{}' is no name", name.substr(0, 64));
    if (value.size() > kMaxLabelBytes) return FieldErrorf("labels", "'{}' is too long", name);
  }
  return OkStatus();
}

Status Submit(JobSystem* jobs, const v1::SubmitJobRequest& request, grpc::ByteBuffer* response) {
  const std::string& id = request.job_id();
  if (const auto existing = jobs->board().Record(id); !existing.ok()) {
    M2TTS_ASSIGN_OR_RETURN(const ResolvedSpec resolved,
                           ResolveSpec(id, request.spec(), jobs->environment(), SpecTime::kAtSubmit));
    if (!resolved.config_yaml.empty()) {
      M2TTS_RETURN_IF_ERROR(
          AskTrainer(resolved.config_yaml, jobs->environment(), jobs->environment().state_dir / "jobs"));
    }
    const std::vector<std::pair<std::string, std::string>> others = {
        {"spec.after", request.spec().after()},
        {"spec.base_voice", JobOfBaseVoice(request.spec().base_voice())}};
    for (const auto& [field, other] : others) {
      if (!other.empty() && !jobs->board().Record(other).ok()) {
        return FieldErrorf(field, "there is no job '{}'", other);
      }
    }
  }
  const std::map<std::string, std::string> labels(request.labels().begin(), request.labels().end());
  M2TTS_ASSIGN_OR_RETURN(const v1::Job job,
                         jobs->board().Submit(id, request.spec(), request.priority(), labels));
  return SerializeMessage(job, response);
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

// Assigns the job, or returns the error.
Status Take(StatusOr<v1::Job> from, v1::Job* job) {
  if (from.ok()) *job = *std::move(from);
  return from.status();
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

grpc::ServerUnaryReactor* TrainingService::SubmitJob(grpc::CallbackServerContext* call,
                                                     const grpc::ByteBuffer* bytes,
                                                     grpc::ByteBuffer* response) {
  const auto checked = [&]() -> StatusOr<v1::SubmitJobRequest> {
    M2TTS_ASSIGN_OR_RETURN(auto request, ParseMessage<v1::SubmitJobRequest>(*bytes));
    M2TTS_RETURN_IF_ERROR(JobsFor(request.job_id()).status());
    M2TTS_RETURN_IF_ERROR(CheckPriority(request.priority()));
    M2TTS_RETURN_IF_ERROR(CheckLabels(request.labels()));
    return request;
  };
  auto request = checked();
  return new PooledAnswer(context_->calls, "SubmitJob", call,
                          request.ok() ? Jobs() : StatusOr<JobSystem*>(request.status()),
                          [request, response](JobSystem* jobs) { return Submit(jobs, *request, response); });
}

grpc::ServerUnaryReactor* TrainingService::GetJob(grpc::CallbackServerContext* call,
                                                  const v1::GetJobRequest* request, v1::Job* job) {
  return Answer(context_->calls, "GetJob", call, [&]() -> Status {
    M2TTS_ASSIGN_OR_RETURN(JobSystem* const jobs, JobsFor(request->job_id()));
    return Take(jobs->board().Get(request->job_id()), job);
  });
}

grpc::ServerUnaryReactor* TrainingService::ListJobs(grpc::CallbackServerContext* call,
                                                    const v1::ListJobsRequest* request,
                                                    v1::ListJobsResponse* response) {
  return Answer(context_->calls, "ListJobs", call, [&]() -> Status {
    M2TTS_ASSIGN_OR_RETURN(JobSystem* const jobs, Jobs());
    M2TTS_ASSIGN_OR_RETURN(const int page_size, ValidatePageSize(request->page_size()));
    M2TTS_ASSIGN_OR_RETURN(const int64_t before, ParsePageToken(request->page_token()));
    std::vector<v1::JobState> states;
    for (const int state : request->states()) {
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
  });
}

grpc::ServerUnaryReactor* TrainingService::UpdateJob(grpc::CallbackServerContext* call,
                                                     const v1::UpdateJobRequest* request, v1::Job* job) {
  return Answer(context_->calls, "UpdateJob", call, [&]() -> Status {
    M2TTS_ASSIGN_OR_RETURN(JobSystem* const jobs, JobsFor(request->job_id()));
    if (request->has_priority()) M2TTS_RETURN_IF_ERROR(CheckPriority(request->priority()));
    M2TTS_RETURN_IF_ERROR(CheckLabels(request->labels()));
    if (!request->labels().empty() && !request->replace_labels()) {
      return FieldError("labels", "replace all of a job's: set replace_labels too");
    }
    return Take(jobs->board().Change(request->job_id(),
                                     [&](v1::Job* changed) {
                                       if (request->has_priority())
                                         changed->set_priority(request->priority());
                                       if (request->replace_labels())
                                         *changed->mutable_labels() = request->labels();
                                     }),
                job);
  });
}

grpc::ServerUnaryReactor* TrainingService::PauseJob(grpc::CallbackServerContext* call,
                                                    const v1::PauseJobRequest* request, v1::Job* job) {
  return Answer(context_->calls, "PauseJob", call, [&]() -> Status {
    M2TTS_ASSIGN_OR_RETURN(JobSystem* const jobs, JobsFor(request->job_id()));
    return Take(jobs->board().Pause(request->job_id()), job);
  });
}

grpc::ServerUnaryReactor* TrainingService::ResumeJob(grpc::CallbackServerContext* call,
                                                     const v1::ResumeJobRequest* request, v1::Job* job) {
  return Answer(context_->calls, "ResumeJob", call, [&]() -> Status {
    M2TTS_ASSIGN_OR_RETURN(JobSystem* const jobs, JobsFor(request->job_id()));
    return Take(jobs->board().Resume(request->job_id()), job);
  });
}

grpc::ServerUnaryReactor* TrainingService::CancelJob(grpc::CallbackServerContext* call,
                                                     const v1::CancelJobRequest* request, v1::Job* job) {
  return Answer(context_->calls, "CancelJob", call, [&]() -> Status {
    M2TTS_ASSIGN_OR_RETURN(JobSystem* const jobs, JobsFor(request->job_id()));
    return Take(jobs->board().Cancel(request->job_id()), job);
  });
}

grpc::ServerUnaryReactor* TrainingService::DeleteJob(grpc::CallbackServerContext* call,
                                                     const v1::DeleteJobRequest* request,
                                                     v1::DeleteJobResponse*) {
  const std::string id = request->job_id();
  return new PooledAnswer(context_->calls, "DeleteJob", call, JobsFor(id), [id](JobSystem* jobs) -> Status {
    M2TTS_RETURN_IF_ERROR(jobs->board().Delete(id));
    std::error_code ignored;  // leftover files cost disk, and the next job of that id replaces them
    std::filesystem::remove_all(jobs->environment().job(id), ignored);
    return OkStatus();
  });
}

grpc::ServerUnaryReactor* TrainingService::ListArtifacts(grpc::CallbackServerContext* call,
                                                         const v1::ListArtifactsRequest* request,
                                                         v1::ListArtifactsResponse* response) {
  // Checksums of new files are computed: not on a thread of gRPC.
  return new PooledAnswer(
      context_->calls, "ListArtifacts", call, JobsFor(request->job_id()),
      [request = *request, response](JobSystem* jobs) -> Status {
        M2TTS_ASSIGN_OR_RETURN(const int page_size, ValidatePageSize(request.page_size()));
        M2TTS_RETURN_IF_ERROR(jobs->board().Record(request.job_id()).status());
        M2TTS_ASSIGN_OR_RETURN(auto artifacts,
                               jobs->artifacts().List(jobs->environment().job(request.job_id()),
                                                      request.page_token(), page_size + 1));
        if (artifacts.size() > static_cast<size_t>(page_size)) {
          artifacts.resize(static_cast<size_t>(page_size));
          response->set_next_page_token(artifacts.back().name());
        }
        for (auto& artifact : artifacts) *response->add_artifacts() = std::move(artifact);
        return OkStatus();
      });
}

grpc::ServerUnaryReactor* TrainingService::PublishVoice(grpc::CallbackServerContext* call,
                                                        const v1::PublishVoiceRequest* request,
                                                        v1::PublishVoiceResponse* response) {
  return new PooledAnswer(
      context_->calls, "PublishVoice", call, JobsFor(request->job_id()),
      [request = *request, response](JobSystem* jobs) -> Status {
        const std::string& name = request.voice_name();
        if (!name.empty() && !IsValidId(name)) {
          return FieldError("voice_name", "must match [A-Za-z0-9][A-Za-z0-9._-]{0,63}");
        }
        M2TTS_ASSIGN_OR_RETURN(const auto bundle, BundleOf(jobs, request.job_id()));
        M2TTS_ASSIGN_OR_RETURN(const auto published, jobs->publisher().Publish(request.job_id(), bundle, name,
                                                                               request.make_default()));
        response->set_voice_name(published.voice);
        response->set_version(published.version);
        return jobs->board()
            .Change(request.job_id(), [&](v1::Job* job) { job->set_published_voice(published.voice); })
            .status();
      });
}

grpc::ServerUnaryReactor* TrainingService::RollbackVoice(grpc::CallbackServerContext* call,
                                                         const v1::RollbackVoiceRequest* request,
                                                         v1::RollbackVoiceResponse* response) {
  return new PooledAnswer(context_->calls, "RollbackVoice", call, Jobs(),
                          [name = request->voice_name(), response](JobSystem* jobs) -> Status {
                            if (!IsValidId(name)) {
                              return FieldError("voice_name", "must match [A-Za-z0-9][A-Za-z0-9._-]{0,63}");
                            }
                            M2TTS_ASSIGN_OR_RETURN(const int64_t version, jobs->publisher().Rollback(name));
                            response->set_version(version);
                            return OkStatus();
                          });
}

grpc::ServerWriteReactor<v1::JobEvent>* TrainingService::WatchJob(grpc::CallbackServerContext* call,
                                                                  const v1::WatchJobRequest* request) {
  auto scope = std::make_unique<CallScope>(context_->calls, "WatchJob", call, Role::kTrain);
  const auto jobs = JobsFor(request->job_id());
  Status status = scope->status().ok() ? jobs.status() : scope->status();
  if (status.ok() && request->from_sequence() < 0)
    status = FieldError("from_sequence", "must not be negative");
  JobSystem* const system = jobs.ok() ? *jobs : nullptr;
  return JobWatch::Start(system == nullptr ? nullptr : &system->board(),
                         system == nullptr ? nullptr : &system->watch_pool(), std::move(scope), status,
                         request->job_id(), request->from_sequence());
}

grpc::ServerWriteReactor<v1::ArtifactChunk>* TrainingService::GetArtifact(
    grpc::CallbackServerContext* call, const v1::GetArtifactRequest* request) {
  auto scope = std::make_unique<CallScope>(context_->calls, "GetArtifact", call, Role::kTrain);
  const auto file = [&]() -> StatusOr<std::filesystem::path> {
    M2TTS_RETURN_IF_ERROR(scope->status());
    M2TTS_ASSIGN_OR_RETURN(JobSystem* const jobs, JobsFor(request->job_id()));
    M2TTS_RETURN_IF_ERROR(jobs->board().Record(request->job_id()).status());
    return Artifacts::Find(jobs->environment().job(request->job_id()), request->name());
  };
  const auto path = file();
  return new ArtifactStream(std::move(scope), path, request->offset());
}

}  // namespace m2tts
