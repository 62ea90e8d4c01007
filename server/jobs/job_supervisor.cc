// JobSupervisor, part 3: the thread, and what runs next.
#include "server/jobs/job_supervisor.h"

#include <fcntl.h>
#include <poll.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <algorithm>

#include "core/base/file_lock.h"
#include "server/jobs/job_state.h"
#include "server/jobs/worker_command.h"

namespace m2tts {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr char kEarlierWorker[] = "an earlier worker is still there";
constexpr int kIdleMs = 100;
constexpr int kWaitingMs = 5;  // for the device to become idle
constexpr auto kRetentionInterval = std::chrono::hours(1);

std::string PhaseText(const std::string& phase) {
  if (phase == "train") return "training";
  if (phase == "report") return "writing the report";
  if (phase == "export") return "making the voice";
  if (phase == "evaluate") return "evaluating";
  if (phase == "compress") return "compressing";
  return phase == "check" ? "checking the data" : phase;
}

}  // namespace

JobSupervisor::JobSupervisor(JobsConfig config, JobEnvironment environment, Parts parts)
    : config_(std::move(config)),
      environment_(std::move(environment)),
      parts_(parts),
      retention_(config_, environment_, parts.board) {}

JobSupervisor::Running::Running() = default;

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
  const bool soon = running_.has_value() && (running_->lease_number > 0 || running_->talks_since.has_value());
  return soon ? kWaitingMs : kIdleMs;
}

void JobSupervisor::Loop() {
  while (!stopping_ || running_.has_value()) {
    Tick(Clock::now());
    if (stopping_ && !running_.has_value()) return;
    pollfd entries[2] = {{wake_pipe_[0], POLLIN, 0}, {-1, POLLIN, 0}};
    // One that talks without end is heard by the clock.
    const bool wakes = running_.has_value() && running_->broken.empty() && !running_->talks_since.has_value();
    if (wakes) entries[1].fd = running_->process->socket();
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
    Listen(now);
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
  if (!running_.has_value() && !stopping_) StartNext();
  if (!stopping_ && now >= next_retention_) {
    // Beside a job, which may run for weeks, as little as keeps none of its leases waiting.
    const int jobs = running_.has_value() ? 1 : JobRetention::kJobsOfStep;
    next_retention_ = retention_.Step(jobs) ? now + milliseconds(kIdleMs) : now + kRetentionInterval;
  }
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
    if (record.phase.empty() && !RemoveEarlier(record.job.id())) continue;
    if (phase != record.phase) {
      const auto set = [&](JobRecord* changed) { changed->phase = phase; };
      if (!parts_.board->Edit(record.job.id(), set).ok()) continue;  // a later look may be luckier
    }
    const Status started = StartPhase(record, phase);
    if (started.ok()) return;
    if (started.code() == StatusCode::kUnavailable) {  // later
      (void)parts_.board->Explain(record.job.id(), "waits: " + std::string(started.message()));
    } else {
      CannotStart(record, phase, started);
    }
  }
}

void JobSupervisor::RequeueOthers() {
  for (const JobRecord& record : parts_.board->Active()) {
    const std::string& id = record.job.id();
    if (id == running_->id || CancelFollower(record, TurnOf(record, parts_.board, environment_))) continue;
    if (record.job.state() != v1::JOB_STATE_PAUSED) continue;
    if (record.cancel_requested) {
      End(id, v1::JOB_STATE_CANCELLED, "cancelled by a person");
    } else if (const auto hold = HoldFor(record); !hold.has_value()) {
      (void)parts_.board->Transition(id, v1::JOB_STATE_QUEUED, "waits for its turn");
    } else if (hold->reason != record.job.pause_reason()) {
      (void)parts_.board->Explain(id, hold->text, hold->reason);
    }
  }
}

bool JobSupervisor::CancelFollower(const JobRecord& record, const JobTurn& turn) {
  if (turn.hopeless.empty()) return false;
  End(record.job.id(), v1::JOB_STATE_CANCELLED, turn.hopeless);
  return true;
}

bool JobSupervisor::MayStart(const JobRecord& record) {
  const std::string& id = record.job.id();
  if (record.cancel_requested) {
    End(id, v1::JOB_STATE_CANCELLED, "cancelled by a person");
    return false;
  }
  const JobTurn turn = TurnOf(record, parts_.board, environment_);
  if (CancelFollower(record, turn) || !turn.come) return false;
  if (config_.max_running == 0 || record.not_before > parts_.board->now()) return false;
  if (const auto hold = HoldFor(record)) {
    const bool paused = record.job.state() == v1::JOB_STATE_PAUSED;
    const bool shows = hold->reason == v1::PAUSE_REASON_SCHEDULE || hold->reason == v1::PAUSE_REASON_USER;
    if (shows && !paused) {
      (void)parts_.board->Transition(id, v1::JOB_STATE_PAUSED, hold->text, hold->reason);
    } else {
      (void)parts_.board->Explain(id, paused ? hold->text : "waits: " + hold->text, hold->reason);
    }
    return false;
  }
  const Status room = environment_.HasRoom(config_.min_free_mb);
  if (!room.ok()) (void)parts_.board->Explain(id, "waits: " + std::string(room.message()));
  return room.ok();
}

bool JobSupervisor::HasWorker(const std::string& id) const {
  const auto lock = FileLock::Acquire(environment_.run(id) / "lock");
  return lock.status().code() == StatusCode::kFailedPrecondition;
}

bool JobSupervisor::RemoveEarlier(const std::string& id) {
  if (!std::filesystem::exists(environment_.job(id))) return true;
  if (HasWorker(id)) {
    (void)parts_.board->Explain(id, std::string("waits: ") + kEarlierWorker);
    return false;
  }
  environment_.RemoveJob(id);
  return true;
}

Status JobSupervisor::StartPhase(const JobRecord& record, const std::string& phase) {
  const std::string& id = record.job.id();
  JobRecord whole = record;
  M2TTS_ASSIGN_OR_RETURN(*whole.job.mutable_spec(), parts_.board->Spec(id));
  M2TTS_ASSIGN_OR_RETURN(const WorkerProcess::Options options,
                         WorkerCommand(whole, phase, config_, environment_));
  if (phase == "train") {
    // The worker of an earlier daemon may still be writing its last checkpoint.
    if (HasWorker(id)) return Errorf(StatusCode::kUnavailable, "{}", kEarlierWorker);
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
  const auto count = [](JobRecord* changed) {
    changed->job.set_attempt(std::max(1, changed->job.attempt()));
  };
  Status told = record.job.state() == v1::JOB_STATE_RUNNING
                    ? parts_.board->Log(id, PhaseText(phase))
                    : parts_.board->Transition(id, v1::JOB_STATE_RUNNING, PhaseText(phase),
                                               v1::PAUSE_REASON_UNSPECIFIED, count);
  if (!told.ok()) {  // cancelled meanwhile, or the store is full: no worker without its job
    running_.reset();
    parts_.metrics->SetIdle();
  }
  return told;
}

}  // namespace m2tts
