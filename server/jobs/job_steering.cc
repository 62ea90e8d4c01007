// JobSupervisor, part 1: the job that runs, and its worker.
#include <signal.h>
#include <spdlog/spdlog.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <ctime>

#include "server/base/printable.h"
#include "server/jobs/job_schedule.h"
#include "server/jobs/job_state.h"
#include "server/jobs/job_supervisor.h"
#include "server/jobs/worker_message.h"

namespace m2tts {
namespace {

using std::chrono::duration;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr int64_t kProtocol = 1;
// A worker that is not at a micro-step by then, but somewhere in between, is stopped by a signal.
constexpr milliseconds kFreezeAfter(1000);
// Requests that keep a job waiting for longer show as a pause.
constexpr seconds kLoadPause(5);
constexpr milliseconds kProgressInterval(1000);
// A worker that talks without end keeps the rest waiting no longer; what it says more waits in its socket.
constexpr int kMessagesOfLook = 64;
constexpr size_t kBytesOfLook = size_t{256} << 10;
// So many stages have their last step kept, however soon it follows.
constexpr int kMaxEnds = 64;
constexpr double kMinDuty = 0.01;
constexpr double kMaxPeriod = 5.0;  // seconds between two leases, however hot

std::chrono::steady_clock::duration Ticks(double value) {
  return std::chrono::duration_cast<std::chrono::steady_clock::duration>(duration<double>(value));
}

std::tm LocalTime(double unix_seconds) {
  const auto time = static_cast<std::time_t>(unix_seconds);
  std::tm local{};
  localtime_r(&time, &local);
  return local;
}

}  // namespace

void JobSupervisor::Send(const worker::v1::DaemonMessage& message) {
  if (running_->process->socket() < 0 || !running_->broken.empty()) return;
  const Status sent = SendNow(running_->process->socket(), Framed(message.SerializeAsString()));
  // Another error is its end, which shows elsewhere.
  if (sent.code() == StatusCode::kResourceExhausted) GiveUp("does not read what it is told");
}

void JobSupervisor::GiveUp(const std::string& what) {
  spdlog::error("job {}: its worker {}; killing it", running_->id, what);
  running_->broken = what;
  running_->process->Signal(SIGKILL);
}

void JobSupervisor::Listen(Clock::time_point now) {
  if (!ReadWorker(now)) {
    running_->talks_since.reset();
  } else if (!running_->talks_since.has_value()) {
    running_->talks_since = now;
  } else if (now - *running_->talks_since > Ticks(config_.heartbeat_seconds)) {
    GiveUp("talks without end");
  }
}

bool JobSupervisor::ReadWorker(Clock::time_point now) {
  const int socket = running_->process->socket();
  if (socket < 0) return false;
  char bytes[16384];
  size_t received = 0;
  for (int heard = 0; heard < kMessagesOfLook && received < kBytesOfLook && running_->broken.empty();) {
    const auto message = NextWorkerMessage(&running_->frames);
    if (!message.ok()) {
      GiveUp("says what is no message");
      return false;
    }
    if (message->has_value()) {
      Hear(**message, now);
      ++heard;
      continue;
    }
    const ssize_t count = ::recv(socket, bytes, sizeof(bytes), MSG_DONTWAIT);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;  // nothing now, or the worker has ended: CheckExit sees to that
    running_->last_heard = now;
    running_->frames.Append({bytes, static_cast<size_t>(count)});
    received += static_cast<size_t>(count);
  }
  return running_->broken.empty();
}

void JobSupervisor::Hear(const worker::v1::WorkerMessage& message, Clock::time_point now) {
  using Kind = worker::v1::WorkerMessage::MessageCase;
  worker::v1::DaemonMessage answer;
  switch (message.message_case()) {
    case Kind::kHello:
      if (message.hello().protocol() == kProtocol) {
        answer.mutable_welcome()->set_protocol(kProtocol);
        answer.mutable_welcome()->set_max_step_seconds(1e-3 * config_.max_step_ms);
        running_->welcomed = true;
      } else {
        answer.mutable_stop()->set_reason(
            fmt::format("the daemon speaks version {} of the lease protocol, not {}", kProtocol,
                        message.hello().protocol()));
      }
      return Send(answer);
    case Kind::kLeaseRequest:
      running_->lease_number = message.lease_request().number();
      running_->expected_seconds = ExpectedSeconds(message.lease_request());
      running_->hold_sent = false;
      return;
    case Kind::kProgress:
      return HearProgress(message.progress(), now);
    case Kind::kEvent:
      if (!message.event().sample().empty()) {
        running_->progress.set_last_sample("run/" + Printable(message.event().sample()));
      }
      if (!message.event().text().empty()) {
        (void)parts_.board->Log(running_->id, message.event().text());
      }
      return;
    case Kind::kDone:
      running_->done = ReadDone(message.done());
      return;
    default:
      return;  // a heartbeat, or of a later version
  }
}

void JobSupervisor::HearProgress(const worker::v1::Progress& from, Clock::time_point now) {
  v1::JobProgress& progress = running_->progress;
  ReadProgress(from, &progress);
  progress.mutable_eta()->set_seconds(static_cast<int64_t>(running_->eta.Observe(from, now)));
  parts_.metrics->SetProgress(progress);
  const std::string where = fmt::format("{} {}", progress.stage(), progress.step());
  if (running_->first_progress.empty()) running_->first_progress = where;
  running_->advanced = running_->advanced || running_->first_progress != where;
  const bool last = progress.step() == progress.total_steps() && running_->last_recorded != where &&
                    running_->ends_recorded < kMaxEnds;
  if (!last && now - running_->last_progress < kProgressInterval) return;
  if (last) ++running_->ends_recorded;
  running_->last_recorded = where;
  running_->last_progress = now;
  (void)parts_.board->Progress(running_->id, progress);
}

std::optional<JobSupervisor::Hold> JobSupervisor::HoldFor(const JobRecord& record) const {
  if (record.pause_requested) return Hold{v1::PAUSE_REASON_USER, "paused by a person"};
  const std::string not_now =
      WhyNotNow(record.job.spec().schedule(), LocalTime(parts_.board->now()),
                record.job.spec().schedule().on_mains_power() ? OnMainsPower() : std::optional<bool>());
  if (!not_now.empty()) return Hold{v1::PAUSE_REASON_SCHEDULE, not_now};
  if (parts_.governor == nullptr) return std::nullopt;
  const GovernorStatus status = parts_.governor->status();
  if (!status.leases_allowed()) {
    return Hold{status.by_heat ? v1::PAUSE_REASON_THERMAL : v1::PAUSE_REASON_MEMORY, status.reason};
  }
  return std::nullopt;
}

void JobSupervisor::Steer(Clock::time_point now) {
  const auto record = parts_.board->Record(running_->id);
  if (!record.ok()) {  // deleted in the moment in which it began
    running_->process->Signal(SIGKILL);
    return;
  }
  if (running_->stop != StopCause::kNone) {
    if (now >= running_->stop_deadline) {
      spdlog::warn("job {}: its worker does not stop; killing it", running_->id);
      running_->process->Signal(SIGKILL);
    }
    return;
  }
  if (record->cancel_requested) return StopWorker(StopCause::kCancel, "cancelled", now);
  if (const auto hold = HoldFor(*record)) {
    HoldBack(*record, *hold, now);
  } else {
    LetGo(*record, now);
  }
  const bool silent = running_->process->socket() >= 0 && !running_->process->stopped() &&
                      now - running_->last_heard > Ticks(config_.heartbeat_seconds);
  if (silent && running_->broken.empty()) {
    GiveUp(fmt::format("has been silent for {:g} s", config_.heartbeat_seconds));
  }
}

void JobSupervisor::HoldBack(const JobRecord& record, const Hold& hold, Clock::time_point now) {
  if (!running_->held_since.has_value()) running_->held_since = now;
  const auto held = now - *running_->held_since;
  running_->load_since.reset();
  running_->eta.Pause();
  const bool waits = running_->lease_number > 0;
  if (waits && !running_->hold_sent) {
    worker::v1::DaemonMessage message;
    message.mutable_hold()->set_reason(hold.text);
    Send(message);
    running_->hold_sent = true;
    parts_.metrics->lease_waits.Increment();
  }
  if (!waits && (running_->process->socket() < 0 || held >= kFreezeAfter)) running_->process->Freeze();
  // A worker that is held back holds memory, and the place of another job. One without lease writes no
  // checkpoint, and its phase begins anew: it gives way to those who need what it holds, not to time.
  const bool slow = hold.reason == v1::PAUSE_REASON_USER || hold.reason == v1::PAUSE_REASON_SCHEDULE;
  const bool needed = hold.reason == v1::PAUSE_REASON_MEMORY || (slow && OthersWait(running_->id));
  const bool releases =
      needed || (running_->process->socket() >= 0 && held >= Ticks(config_.release_seconds));
  // One that is released in the middle of a step is neither at a lease nor stopped, and paused all the same.
  const bool pauses = waits || running_->process->stopped() || releases;
  if (record.job.state() == v1::JOB_STATE_RUNNING && pauses) {
    (void)parts_.board->Transition(running_->id, v1::JOB_STATE_PAUSED, hold.text, hold.reason);
  } else if (record.job.state() == v1::JOB_STATE_PAUSED && record.job.pause_reason() != hold.reason) {
    (void)parts_.board->Explain(running_->id, hold.text, hold.reason);
  }
  if (releases) StopWorker(StopCause::kRelease, hold.text, now);
}

void JobSupervisor::LetGo(const JobRecord& record, Clock::time_point now) {
  running_->held_since.reset();
  running_->process->Thaw();
  const bool paused = record.job.state() == v1::JOB_STATE_PAUSED;
  if (running_->process->socket() < 0 || running_->lease_number == 0) {
    if (paused && running_->lease_number == 0) {
      (void)parts_.board->Transition(running_->id, v1::JOB_STATE_RUNNING, "goes on");
    }
    running_->last_heard = std::max(running_->last_heard, paused ? now : running_->last_heard);
    return;
  }
  // Near the limit of heat a part of the time stays free: after a step, as much longer.
  const double duty = parts_.governor == nullptr ? 1.0 : parts_.governor->status().duty;
  if (duty < 1.0 && running_->granted_at.has_value()) {
    const double period = running_->expected_seconds / std::max(duty, kMinDuty);
    if (now - *running_->granted_at < Ticks(std::min(period, kMaxPeriod))) return;
  }
  if (!ServingNeedsDevice()) {
    if (paused) (void)parts_.board->Transition(running_->id, v1::JOB_STATE_RUNNING, "goes on");
    return Grant();
  }
  if (!running_->load_since.has_value()) {
    running_->load_since = now;
    parts_.metrics->lease_waits.Increment();
  }
  if (now - *running_->load_since < kLoadPause) return;
  running_->eta.Pause();
  const char* const why = "requests come first";
  if (!paused) {
    (void)parts_.board->Transition(running_->id, v1::JOB_STATE_PAUSED, why, v1::PAUSE_REASON_LOAD);
  } else if (record.job.pause_reason() != v1::PAUSE_REASON_LOAD) {
    (void)parts_.board->Explain(running_->id, why, v1::PAUSE_REASON_LOAD);
  }
}

bool JobSupervisor::ServingNeedsDevice() const {
  if (parts_.activity == nullptr) return false;
  if (parts_.activity->Busy()) return true;
  if (config_.max_arrival_probability >= 1.0) return false;
  return ArrivalProbability(parts_.activity->ArrivalsPerSecond(), running_->expected_seconds) >
         config_.max_arrival_probability;
}

void JobSupervisor::Grant() {
  worker::v1::DaemonMessage message;
  message.mutable_lease_grant()->set_number(running_->lease_number);
  Send(message);
  running_->lease_number = 0;
  running_->granted_at = Clock::now();
  running_->load_since.reset();
  parts_.metrics->leases.Increment();
}

void JobSupervisor::StopWorker(StopCause cause, const std::string& reason, Clock::time_point now) {
  running_->stop = cause;
  running_->stop_deadline = now + Ticks(config_.stop_seconds);
  if (running_->welcomed) {
    worker::v1::DaemonMessage message;
    message.mutable_stop()->set_reason(reason);
    Send(message);
  } else {
    running_->process->Signal(SIGTERM);
  }
  running_->process->Thaw();
}

bool JobSupervisor::OthersWait(const std::string& id) const {
  for (const JobRecord& record : parts_.board->Active()) {
    if (record.job.id() == id || record.cancel_requested || HoldFor(record)) continue;
    if (record.not_before > parts_.board->now()) continue;
    if (TurnOf(record, parts_.board, environment_).come) return true;
  }
  return false;
}

}  // namespace m2tts
