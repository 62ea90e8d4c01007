// JobSupervisor, part 2: what follows a worker's end.
#include <spdlog/spdlog.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/base/file.h"
#include "server/jobs/job_failure.h"
#include "server/jobs/job_state.h"
#include "server/jobs/job_supervisor.h"

namespace m2tts {
namespace {

constexpr char kReport[] = "report";
constexpr double kInterruptDelay = 5.0;
constexpr std::chrono::seconds kLastWords(1);
constexpr int kMaxParts = 64;
constexpr size_t kMaxEvaluationBytes = size_t{64} << 20;

// "wer" of an evaluation, percent.
StatusOr<double> WordErrorPercent(const std::filesystem::path& file) {
  M2TTS_ASSIGN_OR_RETURN(const std::string text, ReadFile(file, kMaxEvaluationBytes));
  const auto json = nlohmann::json::parse(text, nullptr, false);
  if (!json.is_object() || !json.contains("wer") || !json["wer"].is_number()) {
    return DataLoss("{}: holds no word error rate", file.string());
  }
  return 100.0 * json["wer"].get<double>();
}

// The version that `job` has published already, before the daemon was killed; 0: none. An earlier job of the
// same id may have published too.
int64_t PublishedVersion(JobStore* store, const std::string& voice, const v1::Job& job) {
  const auto versions = store->Publications(voice);
  if (!versions.ok()) return 0;  // publishing says why
  const auto by_job = [&job](const VoicePublication& made) {
    return made.job_id == job.id() && made.time >= static_cast<double>(job.create_time().seconds());
  };
  const auto last = std::find_if(versions->rbegin(), versions->rend(), by_job);
  return last == versions->rend() ? 0 : last->version;
}

}  // namespace

void JobSupervisor::CheckExit() {
  auto exit = running_->process->Poll();
  if (!exit.has_value()) return;
  exit->killed_for = running_->broken;
  // Its last words; what it has started may hold the socket, and talk on.
  const auto enough = Clock::now() + kLastWords;
  while (ReadWorker(Clock::now()) && Clock::now() < enough) {
  }
  exit->done = running_->done;
  exit->plain = running_->process->socket() < 0;
  const auto found = parts_.board->Record(running_->id);
  const std::string phase = running_->phase;
  const StopCause stop = running_->stop;
  const bool advanced = running_->advanced;
  if (running_->progress.step() > 0) (void)parts_.board->Progress(running_->id, running_->progress);
  running_.reset();
  parts_.metrics->SetIdle();
  if (!found.ok()) return;
  JobRecord record = *found;
  const std::string& id = record.job.id();
  if (advanced) {
    record.failures = 0;
    (void)parts_.board->Edit(id, [](JobRecord* changed) { changed->failures = 0; });
  }
  const bool good = exit->code == 0 && exit->signal == 0;
  if (record.cancel_requested) return End(id, v1::JOB_STATE_CANCELLED, "cancelled by a person");
  if (good) return Succeeded(record);
  if (stop == StopCause::kShutdown) {
    if (record.job.state() == v1::JOB_STATE_RUNNING) {
      (void)parts_.board->Transition(id, v1::JOB_STATE_PAUSED, "the daemon was stopped",
                                     v1::PAUSE_REASON_SHUTDOWN);
    }
    return;
  }
  if (stop == StopCause::kRelease) return;  // stays paused, without worker
  if (phase == kReport) return GoOnWithoutReport(record, DescribeFailure(*exit));
  Failed(record, *exit);
}

void JobSupervisor::Succeeded(const JobRecord& record) {
  const auto phases = PhasesOf(record.job.spec());
  const auto current = std::find(phases.begin(), phases.end(), record.phase);
  const auto next = current == phases.end() ? phases.begin() : current + 1;
  const std::string& id = record.job.id();
  if (next == phases.end()) return End(id, v1::JOB_STATE_SUCCEEDED, "done");
  if (*next == "publish") return Publish(record);
  // Written before the phase begins: after a kill it begins again, and not the one before.
  const auto edited = parts_.board->Edit(id, [&](JobRecord* changed) { changed->phase = *next; });
  if (!edited.ok()) {
    // Without it the phase before would follow itself for ever. The job is found again at the next start.
    spdlog::error("job {}: {}", id, std::string(edited.message()));
    return;
  }
  const auto changed = parts_.board->Record(id);
  if (!changed.ok()) return;
  const Status started = stopping_ ? OkStatus() : StartPhase(*changed, *next);
  if (!started.ok()) CannotStart(*changed, *next, started);
}

void JobSupervisor::CannotStart(const JobRecord& record, const std::string& phase, const Status& why) {
  const auto now = parts_.board->Record(record.job.id());
  if (!now.ok() || JobStateMachine::IsTerminal(now->job.state())) return;  // cancelled in that moment
  if (phase == kReport) return GoOnWithoutReport(record, std::string(why.message()));
  End(record.job.id(), v1::JOB_STATE_FAILED, "config: " + std::string(why.message()));
}

void JobSupervisor::GoOnWithoutReport(const JobRecord& record, const std::string& why) {
  spdlog::warn("job {}: no report: {}", record.job.id(), why);
  (void)parts_.board->Log(record.job.id(), "no report: " + why);
  JobRecord without = record;
  without.phase = kReport;  // also when it never began
  Succeeded(without);
}

void JobSupervisor::Failed(const JobRecord& record, const WorkerExit& exit) {
  const FailureClass failure = ClassifyFailure(exit);
  const std::string& id = record.job.id();
  const std::string what = DescribeFailure(exit);
  parts_.metrics->RecordFailure(FailureClassName(failure));
  spdlog::warn("job {}: {}", id, what);
  (void)parts_.board->Log(id, what);
  const v1::RetryPolicy& policy = record.job.spec().retry();
  if (failure == FailureClass::kHeat || failure == FailureClass::kInterrupt) {
    const double then = parts_.board->now() + kInterruptDelay;
    (void)parts_.board->Transition(id, v1::JOB_STATE_QUEUED, what, v1::PAUSE_REASON_UNSPECIFIED,
                                   [&](JobRecord* changed) { changed->not_before = then; });
    return;
  }
  const int failures = record.failures + 1;
  if (!MayRetry(failure, failures, policy)) return End(id, v1::JOB_STATE_FAILED, what);
  const double delay = RetryDelay(failures, policy);
  (void)parts_.board->Transition(id, v1::JOB_STATE_QUEUED,
                                 fmt::format("{}; another attempt in {:.0f} s", what, delay),
                                 v1::PAUSE_REASON_UNSPECIFIED, [&](JobRecord* changed) {
                                   changed->failures = failures;
                                   changed->not_before = parts_.board->now() + delay;
                                   changed->job.set_attempt(changed->job.attempt() + 1);
                                   if (failure == FailureClass::kMemory)
                                     changed->min_parts = std::min(kMaxParts, 2 * changed->min_parts);
                                 });
}

void JobSupervisor::Publish(const JobRecord& record) {
  const std::string& id = record.job.id();
  const v1::JobSpec& spec = record.job.spec();
  const double limit = spec.publish_max_word_error_percent();
  if (limit > 0.0) {
    const auto percent = WordErrorPercent(environment_.job(id) / "evaluation.json");
    if (!percent.ok()) return End(id, v1::JOB_STATE_FAILED, std::string(percent.status().message()));
    if (*percent > limit) {
      return End(
          id, v1::JOB_STATE_FAILED,
          fmt::format("not published: {:.1f} % of the words are wrong, more than {:g} %", *percent, limit));
    }
  }
  const std::string name = spec.voice_name().empty() ? id : spec.voice_name();
  int64_t version = PublishedVersion(&parts_.board->store(), name, record.job);
  if (version == 0) {
    const auto published = parts_.publisher->Publish(id, environment_.voice(id, name), name, false);
    if (!published.ok()) {
      return End(id, v1::JOB_STATE_FAILED, "not published: " + std::string(published.status().message()));
    }
    version = published->version;
  }
  (void)parts_.board->Edit(id, [&](JobRecord* changed) { changed->job.set_published_voice(name); });
  End(id, v1::JOB_STATE_SUCCEEDED, fmt::format("published as '{}', version {}", name, version));
}

void JobSupervisor::End(const std::string& id, v1::JobState state, const std::string& reason) {
  // One that finished on the way to a pause.
  const auto record = parts_.board->Record(id);
  if (record.ok() && record->job.state() == v1::JOB_STATE_PAUSED && state == v1::JOB_STATE_SUCCEEDED) {
    (void)parts_.board->Transition(id, v1::JOB_STATE_RUNNING, "ends");
  }
  const Status ended = parts_.board->Transition(id, state, reason);
  if (!ended.ok()) spdlog::error("job {}: {}", id, std::string(ended.message()));
  parts_.metrics->RecordEnd(state);
  spdlog::info("job {}: {}, {}", id, JobStateName(state), reason);
}

}  // namespace m2tts
