// JobSupervisor, parts 2 and 3: the thread, what follows a worker's end, and what runs next.
#include "server/jobs/job_supervisor.h"

#include <fcntl.h>
#include <poll.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/base/file.h"
#include "core/base/file_lock.h"
#include "server/jobs/job_failure.h"
#include "server/jobs/job_state.h"
#include "server/jobs/worker_command.h"

namespace m2tts {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr int kIdleMs = 100;
constexpr int kWaitingMs = 5;  // for the device to become idle
constexpr double kInterruptDelay = 5.0;
constexpr auto kRetentionInterval = std::chrono::hours(1);
constexpr double kSecondsPerDay = 86400.0;
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

std::string PhaseText(const std::string& phase) {
  if (phase == "train") return "training";
  if (phase == "export") return "making the voice";
  if (phase == "evaluate") return "evaluating";
  if (phase == "compress") return "compressing";
  return phase == "check" ? "checking the data" : phase;
}

}  // namespace

JobSupervisor::JobSupervisor(JobsConfig config, JobEnvironment environment, Parts parts)
    : config_(std::move(config)), environment_(std::move(environment)), parts_(parts) {}

JobSupervisor::~JobSupervisor() {
  Stop();
}

void JobSupervisor::Start() {
  if (::pipe(wake_pipe_) == 0) {
    for (const int end : wake_pipe_) {
      ::fcntl(end, F_SETFD, FD_CLOEXEC);
      ::fcntl(end, F_SETFL, O_NONBLOCK);
    }
  }
  thread_ = std::thread([this] { Loop(); });
}

void JobSupervisor::BeginStop() {
  stopping_ = true;
  Wake();
}

void JobSupervisor::Stop() {
  if (!thread_.joinable()) return;
  BeginStop();
  thread_.join();
  for (int& end : wake_pipe_) {
    if (end >= 0) ::close(end);
    end = -1;
  }
}

void JobSupervisor::Wake() {
  const char byte = 1;
  [[maybe_unused]] const ssize_t written = ::write(wake_pipe_[1], &byte, 1);  // a full pipe wakes as well
}

int JobSupervisor::Patience() const {
  return running_.has_value() && running_->lease_number > 0 ? kWaitingMs : kIdleMs;
}

void JobSupervisor::Loop() {
  while (!stopping_ || running_.has_value()) {
    Tick(Clock::now());
    if (stopping_ && !running_.has_value()) return;
    pollfd entries[2] = {{wake_pipe_[0], POLLIN, 0}, {-1, POLLIN, 0}};
    if (running_.has_value() && !running_->broken) entries[1].fd = running_->process->socket();
    ::poll(entries, 2, Patience());
    char bytes[64];
    while (::read(wake_pipe_[0], bytes, sizeof(bytes)) > 0) {
    }
    // A socket at its end is readable for ever: its process ends in a moment.
    if ((entries[1].revents & POLLHUP) != 0) std::this_thread::sleep_for(milliseconds(kWaitingMs));
  }
}

void JobSupervisor::Tick(Clock::time_point now) {
  if (running_.has_value()) {
    ReadWorker(now);
    if (stopping_ && running_->stop == StopCause::kNone) {
      StopWorker(StopCause::kShutdown, "the daemon stops", now);
    }
    Steer(now);
    CheckExit();
  }
  if (running_.has_value() && !stopping_ && now >= next_look_) {
    next_look_ = now + milliseconds(kIdleMs);
    RequeueOthers();
  }
  if (!running_.has_value() && !stopping_) {
    StartNext();
    if (now >= next_retention_) {
      next_retention_ = now + kRetentionInterval;
      ApplyRetention();
    }
  }
}

void JobSupervisor::CheckExit() {
  auto exit = running_->process->Poll();
  if (!exit.has_value()) return;
  ReadWorker(Clock::now());  // its last words
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
  (void)parts_.board->Edit(id, [&](JobRecord* changed) { changed->phase = *next; });
  const auto changed = parts_.board->Record(id);
  if (!changed.ok()) return;
  const Status started = stopping_ ? OkStatus() : StartPhase(*changed, *next);
  if (!started.ok()) End(id, v1::JOB_STATE_FAILED, "config: " + std::string(started.message()));
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
  const auto published = parts_.publisher->Publish(id, environment_.voice(id, name), name, false);
  if (!published.ok()) {
    return End(id, v1::JOB_STATE_FAILED, "not published: " + std::string(published.status().message()));
  }
  (void)parts_.board->Edit(id, [&](JobRecord* changed) { changed->job.set_published_voice(name); });
  End(id, v1::JOB_STATE_SUCCEEDED, fmt::format("published as '{}', version {}", name, published->version));
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

void JobSupervisor::StartNext() {
  auto jobs = parts_.board->Active();
  std::stable_sort(jobs.begin(), jobs.end(), [](const JobRecord& a, const JobRecord& b) {
    return a.job.priority() > b.job.priority();
  });
  for (const JobRecord& record : jobs) {
    if (running_.has_value() || stopping_) return;
    if (!MayStart(record)) continue;
    const auto phases = PhasesOf(record.job.spec());
    const std::string phase = record.phase.empty() ? phases.front() : record.phase;
    if (phase != record.phase) {
      (void)parts_.board->Edit(record.job.id(), [&](JobRecord* changed) { changed->phase = phase; });
    }
    const Status started = StartPhase(record, phase);
    if (started.ok()) return;
    const bool later = started.code() == StatusCode::kUnavailable;
    if (!later) End(record.job.id(), v1::JOB_STATE_FAILED, "config: " + std::string(started.message()));
  }
}

void JobSupervisor::RequeueOthers() {
  for (const JobRecord& record : parts_.board->Active()) {
    const std::string& id = record.job.id();
    if (id == running_->id || CancelFollower(record) || record.job.state() != v1::JOB_STATE_PAUSED) continue;
    if (record.cancel_requested) {
      End(id, v1::JOB_STATE_CANCELLED, "cancelled by a person");
    } else if (!HoldFor(record).has_value()) {
      (void)parts_.board->Transition(id, v1::JOB_STATE_QUEUED, "waits for its turn");
    }
  }
}

bool JobSupervisor::CancelFollower(const JobRecord& record) {
  const std::string& after = record.job.spec().after();
  if (after.empty() || !record.phase.empty()) return false;  // one that has begun needs nobody
  const auto before = parts_.board->Record(after);
  if (before.ok()) {
    const v1::JobState state = before->job.state();
    if (!JobStateMachine::IsTerminal(state) || state == v1::JOB_STATE_SUCCEEDED) return false;
    End(record.job.id(), v1::JOB_STATE_CANCELLED,
        fmt::format("job '{}', which it follows, did not succeed", after));
    return true;
  }
  if (before.status().code() != StatusCode::kNotFound) return false;  // of the store: it may pass
  End(record.job.id(), v1::JOB_STATE_CANCELLED,
      fmt::format("job '{}', which it follows, was deleted", after));
  return true;
}

bool JobSupervisor::MayStart(const JobRecord& record) {
  const std::string& id = record.job.id();
  if (record.cancel_requested) {
    End(id, v1::JOB_STATE_CANCELLED, "cancelled by a person");
    return false;
  }
  if (CancelFollower(record)) return false;
  if (config_.max_running == 0 || record.not_before > parts_.board->now()) return false;
  if (const std::string& after = record.job.spec().after(); !after.empty() && record.phase.empty()) {
    const auto before = parts_.board->Record(after);
    if (!before.ok() || before->job.state() != v1::JOB_STATE_SUCCEEDED) return false;
  }
  const auto hold = HoldFor(record);
  const bool shows = hold.has_value() &&
                     (hold->reason == v1::PAUSE_REASON_SCHEDULE || hold->reason == v1::PAUSE_REASON_USER);
  if (shows && record.job.state() == v1::JOB_STATE_QUEUED) {
    (void)parts_.board->Transition(id, v1::JOB_STATE_PAUSED, hold->text, hold->reason);
  }
  if (hold.has_value()) {
    const std::string message = "waits: " + hold->text;
    if (!shows && record.job.message() != message) {
      (void)parts_.board->Edit(id, [&](JobRecord* changed) { changed->job.set_message(message); });
    }
    return false;
  }
  std::error_code error;
  const auto space = std::filesystem::space(environment_.state_dir, error);
  if (!error && (space.available >> 20) < static_cast<uintmax_t>(config_.min_free_mb)) {
    const std::string message = fmt::format("waits for {} MB of room on the disk", config_.min_free_mb);
    if (record.job.message() != message) {
      (void)parts_.board->Edit(id, [&](JobRecord* changed) { changed->job.set_message(message); });
    }
    return false;
  }
  return true;
}

Status JobSupervisor::StartPhase(const JobRecord& record, const std::string& phase) {
  const std::string& id = record.job.id();
  M2TTS_ASSIGN_OR_RETURN(const WorkerProcess::Options options,
                         WorkerCommand(record, phase, config_, environment_));
  if (phase == "train") {
    // The worker of an earlier daemon may still be writing its last checkpoint.
    const auto lock = FileLock::Acquire(environment_.run(id) / "lock");
    if (lock.status().code() == StatusCode::kFailedPrecondition) {
      return Errorf(StatusCode::kUnavailable, "an earlier worker is still there");
    }
  }
  M2TTS_ASSIGN_OR_RETURN(auto process, WorkerProcess::Start(options));
  running_.emplace();
  running_->id = id;
  running_->phase = phase;
  running_->process = std::move(process);
  running_->last_heard = Clock::now();
  running_->progress = record.job.progress();
  if (phase != "train") {
    running_->progress = {};
    running_->progress.set_stage(phase);
    running_->progress.set_last_sample(record.job.progress().last_sample());
  }
  parts_.metrics->running.Set(1);
  spdlog::info("job {}: {} (process {})", id, PhaseText(phase), running_->process->pid());
  if (record.job.state() == v1::JOB_STATE_RUNNING) return parts_.board->Log(id, PhaseText(phase));
  return parts_.board->Transition(
      id, v1::JOB_STATE_RUNNING, PhaseText(phase), v1::PAUSE_REASON_UNSPECIFIED,
      [](JobRecord* changed) { changed->job.set_attempt(std::max(1, changed->job.attempt())); });
}

void JobSupervisor::ApplyRetention() {
  if (config_.keep_days == 0) return;
  const double before = parts_.board->now() - kSecondsPerDay * config_.keep_days;
  std::vector<std::filesystem::path> old;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(environment_.state_dir / "jobs", error)) {
    const auto record = parts_.board->Record(entry.path().filename().string());
    if (record.ok() && JobStateMachine::IsTerminal(record->job.state()) &&
        static_cast<double>(record->job.end_time().seconds()) < before) {
      old.push_back(entry.path());
    }
  }
  for (const auto& folder : old) {
    spdlog::info("job {}: its files are {} days old, and deleted", folder.filename().string(),
                 config_.keep_days);
    std::filesystem::remove_all(folder, error);
  }
}

}  // namespace m2tts
