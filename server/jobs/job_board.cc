#include "server/jobs/job_board.h"

#include <algorithm>
#include <cmath>

#include "server/base/printable.h"
#include "server/jobs/job_order.h"
#include "server/jobs/job_state.h"

namespace m2tts {
namespace {

constexpr int64_t kEventsKept = 4096;  // of progress, and of the log
constexpr int kEventsOfPart = 2000;

double SystemSeconds() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

bool SameSpec(const v1::JobSpec& a, const v1::JobSpec& b) {
  return a.SerializeAsString() == b.SerializeAsString();
}

// "serious heat: 91.5 C" and "serious heat: 92 C" are the same reason.
std::string WithoutFigures(std::string text) {
  text.erase(
      std::remove_if(text.begin(), text.end(), [](char c) { return (c >= '0' && c <= '9') || c == '.'; }),
      text.end());
  return text;
}

}  // namespace

google::protobuf::Timestamp ToTimestamp(double unix_seconds) {
  google::protobuf::Timestamp time;
  const double whole = std::floor(unix_seconds);
  time.set_seconds(static_cast<int64_t>(whole));
  time.set_nanos(static_cast<int32_t>((unix_seconds - whole) * 1e9));
  return time;
}

StatusOr<std::unique_ptr<JobBoard>> JobBoard::Open(std::unique_ptr<JobStore> store, UnixClock now,
                                                   int max_unfinished) {
  std::unique_ptr<JobBoard> board(
      new JobBoard(std::move(store), now ? std::move(now) : &SystemSeconds, max_unfinished));
  M2TTS_ASSIGN_OR_RETURN(const auto jobs, board->store_->Unfinished());
  MutexLock lock(&board->mutex_);
  for (const JobRecord& record : jobs) {
    board->Remember(record);
    if (record.job.state() != v1::JOB_STATE_RUNNING) continue;
    M2TTS_RETURN_IF_ERROR(
        board->Move(record, v1::JOB_STATE_QUEUED, "the daemon was restarted", v1::PAUSE_REASON_UNSPECIFIED));
  }
  return board;
}

JobBoard::JobBoard(std::unique_ptr<JobStore> store, UnixClock now, int max_unfinished)
    : store_(std::move(store)), now_(std::move(now)), max_unfinished_(max_unfinished) {}

StatusOr<JobRecord> JobBoard::Find(const std::string& id) {
  const auto active = numbers_.find(id);
  return active != numbers_.end() ? active_.at(active->second) : store_->Find(id);
}

void JobBoard::Remember(JobRecord record) {
  if (JobStateMachine::IsTerminal(record.job.state())) {
    numbers_.erase(record.job.id());
    active_.erase(record.number);
  } else {
    numbers_[record.job.id()] = record.number;
    active_[record.number] = std::move(record);
  }
}

Status JobBoard::Commit(JobRecord record, v1::JobEvent* event) {
  if (event == nullptr) {
    M2TTS_RETURN_IF_ERROR(store_->Update(record));
  } else {
    *event->mutable_time() = ToTimestamp(now_());
    M2TTS_RETURN_IF_ERROR(store_->Append(&record, event));
  }
  const std::string id = record.job.id();
  Remember(std::move(record));
  if (event != nullptr) Announce(id);
  return OkStatus();
}

Status JobBoard::Move(JobRecord record, v1::JobState to, const std::string& any_reason,
                      v1::PauseReason pause_reason) {
  const std::string reason = Printable(any_reason);
  v1::Job& job = record.job;
  M2TTS_RETURN_IF_ERROR(JobStateMachine::Check(job.state(), to));
  v1::JobEvent event;
  event.mutable_transition()->set_from(job.state());
  event.mutable_transition()->set_to(to);
  event.mutable_transition()->set_reason(reason);
  *event.mutable_transition()->mutable_time() = ToTimestamp(now_());
  job.set_state(to);
  job.set_pause_reason(to == v1::JOB_STATE_PAUSED ? pause_reason : v1::PAUSE_REASON_UNSPECIFIED);
  job.set_message(reason);
  if (to == v1::JOB_STATE_RUNNING && !job.has_start_time()) *job.mutable_start_time() = ToTimestamp(now_());
  if (JobStateMachine::IsTerminal(to)) *job.mutable_end_time() = ToTimestamp(now_());
  return Commit(std::move(record), &event);
}

Status JobBoard::Say(JobRecord record, const std::string& any_why, v1::PauseReason pause_reason) {
  const std::string why = Printable(any_why);
  v1::Job& job = record.job;
  const bool pauses = job.state() == v1::JOB_STATE_PAUSED && pause_reason != v1::PAUSE_REASON_UNSPECIFIED;
  const bool other = pauses && job.pause_reason() != pause_reason;
  if (!other && job.message() == why) return OkStatus();
  const bool tells = other || WithoutFigures(job.message()) != WithoutFigures(why);
  job.set_message(why);
  if (pauses) job.set_pause_reason(pause_reason);
  v1::JobEvent event;
  event.set_log_line(why);
  return Commit(std::move(record), tells ? &event : nullptr);
}

Status JobBoard::CheckPlace() const {
  if (active_.size() < static_cast<size_t>(max_unfinished_)) return OkStatus();
  return Errorf(StatusCode::kResourceExhausted,
                "{} jobs have not ended, and no more than {} are taken (jobs.max_unfinished)", active_.size(),
                max_unfinished_);
}

Status JobBoard::HasPlace() {
  MutexLock lock(&mutex_);
  return CheckPlace();
}

StatusOr<v1::Job> JobBoard::Submit(const std::string& id, const v1::JobSpec& spec, int priority,
                                   const std::map<std::string, std::string>& labels) {
  JobRecord record;
  v1::Job& job = record.job;
  job.set_id(id);
  *job.mutable_spec() = spec;
  job.mutable_spec()->DiscardUnknownFields();  // of any size, and kept in memory
  job.set_state(v1::JOB_STATE_QUEUED);
  job.set_message("submitted");
  job.set_priority(priority);
  job.mutable_labels()->insert(labels.begin(), labels.end());
  {
    MutexLock lock(&mutex_);
    const auto existing = store_->Get(id);
    if (existing.ok() && !SameSpec(existing->job.spec(), job.spec())) {
      return Errorf(StatusCode::kAlreadyExists,
                    "there is a job '{}' already, with another spec; choose another id", id);
    }
    if (!existing.ok()) {
      if (existing.status().code() != StatusCode::kNotFound) return existing.status();
      M2TTS_RETURN_IF_ERROR(CheckPlace());
      *job.mutable_create_time() = ToTimestamp(now_());
      M2TTS_RETURN_IF_ERROR(store_->Insert(&record));
      job.mutable_spec()->clear_config_yaml();
      Remember(std::move(record));
    }
  }
  if (wake_) wake_();
  return Get(id);
}

StatusOr<v1::Job> JobBoard::Get(const std::string& id) {
  M2TTS_ASSIGN_OR_RETURN(JobRecord record, store_->Get(id));
  M2TTS_ASSIGN_OR_RETURN(const auto history, store_->History(record.number));
  for (const auto& transition : history) *record.job.add_history() = transition;
  return std::move(record.job);
}

StatusOr<v1::JobSpec> JobBoard::Spec(const std::string& id) {
  M2TTS_ASSIGN_OR_RETURN(const JobRecord record, store_->Get(id));
  return record.job.spec();
}

StatusOr<JobRecord> JobBoard::Record(const std::string& id) {
  MutexLock lock(&mutex_);
  return Find(id);
}

StatusOr<v1::Job> JobBoard::Pause(const std::string& id) {
  {
    MutexLock lock(&mutex_);
    M2TTS_ASSIGN_OR_RETURN(JobRecord record, Find(id));
    if (JobStateMachine::IsTerminal(record.job.state())) {
      return JobStateMachine::Check(record.job.state(), v1::JOB_STATE_PAUSED);
    }
    record.pause_requested = true;
    if (record.job.state() == v1::JOB_STATE_QUEUED) {
      M2TTS_RETURN_IF_ERROR(Move(record, v1::JOB_STATE_PAUSED, "paused by a person", v1::PAUSE_REASON_USER));
    } else {
      M2TTS_RETURN_IF_ERROR(Commit(record, nullptr));
      if (record.job.state() == v1::JOB_STATE_PAUSED) {
        M2TTS_RETURN_IF_ERROR(Say(record, "paused by a person", v1::PAUSE_REASON_USER));
      }
    }
  }
  if (wake_) wake_();
  return Get(id);
}

StatusOr<v1::Job> JobBoard::Resume(const std::string& id) {
  {
    MutexLock lock(&mutex_);
    M2TTS_ASSIGN_OR_RETURN(JobRecord record, Find(id));
    if (JobStateMachine::IsTerminal(record.job.state())) {
      return JobStateMachine::Check(record.job.state(), v1::JOB_STATE_RUNNING);
    }
    record.pause_requested = false;
    record.not_before = 0.0;
    M2TTS_RETURN_IF_ERROR(Commit(record, nullptr));
  }
  if (wake_) wake_();
  return Get(id);
}

StatusOr<v1::Job> JobBoard::Cancel(const std::string& id) {
  {
    MutexLock lock(&mutex_);
    M2TTS_ASSIGN_OR_RETURN(JobRecord record, Find(id));
    const v1::JobState state = record.job.state();
    if (state == v1::JOB_STATE_CANCELLED) return Get(id);
    M2TTS_RETURN_IF_ERROR(JobStateMachine::Check(state, v1::JOB_STATE_CANCELLED));
    record.cancel_requested = true;
    // One that runs, or is paused with a worker, is the supervisor's.
    if (state == v1::JOB_STATE_QUEUED) {
      M2TTS_RETURN_IF_ERROR(
          Move(record, v1::JOB_STATE_CANCELLED, "cancelled by a person", v1::PAUSE_REASON_UNSPECIFIED));
    } else {
      M2TTS_RETURN_IF_ERROR(Commit(record, nullptr));
    }
  }
  if (wake_) wake_();
  return Get(id);
}

StatusOr<v1::Job> JobBoard::Change(const std::string& id, const std::function<void(v1::Job*)>& change) {
  M2TTS_RETURN_IF_ERROR(Edit(id, [&](JobRecord* record) { change(&record->job); }));
  if (wake_) wake_();
  return Get(id);
}

StatusOr<int64_t> JobBoard::Deletable(const std::string& id) {
  M2TTS_ASSIGN_OR_RETURN(const JobRecord record, Find(id));
  if (!JobStateMachine::IsTerminal(record.job.state())) {
    return Errorf(StatusCode::kFailedPrecondition, "job '{}' is {}; cancel it first", id,
                  JobStateName(record.job.state()));
  }
  const JobRecord* const follower = FollowerOf(id);
  if (follower != nullptr && record.job.state() == v1::JOB_STATE_SUCCEEDED) {
    return Errorf(StatusCode::kFailedPrecondition, "job '{}' follows '{}' and has not begun; cancel it first",
                  follower->job.id(), id);
  }
  return record.number;
}

const JobRecord* JobBoard::FollowerOf(const std::string& id) const {
  for (const auto& [number, other] : active_) {
    if (WaitsFor(other, id)) return &other;
  }
  return nullptr;
}

bool JobBoard::IsAwaited(const std::string& id) {
  MutexLock lock(&mutex_);
  return FollowerOf(id) != nullptr;
}

Status JobBoard::Delete(const std::string& id) {
  StatusOr<int64_t> number;
  {
    MutexLock lock(&mutex_);
    number = Deletable(id);
  }
  M2TTS_RETURN_IF_ERROR(number.status());
  for (bool more = true; more;) {
    M2TTS_ASSIGN_OR_RETURN(more, store_->DropEvents(*number, kEventsOfPart));
  }
  MutexLock lock(&mutex_);
  number = Deletable(id);  // another may wait for it by now
  M2TTS_RETURN_IF_ERROR(number.status());
  return store_->Delete(*number);
}

StatusOr<std::vector<v1::JobEvent>> JobBoard::Events(const std::string& id, int64_t sequence, int limit) {
  M2TTS_ASSIGN_OR_RETURN(const JobRecord record, Record(id));
  return store_->Events(record.number, sequence, limit);
}

std::vector<JobRecord> JobBoard::Active() {
  MutexLock lock(&mutex_);
  std::vector<JobRecord> records;
  for (const auto& [number, record] : active_) records.push_back(record);
  return records;
}

Status JobBoard::Transition(const std::string& id, v1::JobState to, const std::string& reason,
                            v1::PauseReason pause_reason, const std::function<void(JobRecord*)>& change) {
  MutexLock lock(&mutex_);
  M2TTS_ASSIGN_OR_RETURN(JobRecord record, Find(id));
  if (change) change(&record);
  return Move(std::move(record), to, reason, pause_reason);
}

Status JobBoard::Explain(const std::string& id, const std::string& why, v1::PauseReason pause_reason) {
  MutexLock lock(&mutex_);
  M2TTS_ASSIGN_OR_RETURN(JobRecord record, Find(id));
  return Say(std::move(record), why, pause_reason);
}

Status JobBoard::Edit(const std::string& id, const std::function<void(JobRecord*)>& change) {
  MutexLock lock(&mutex_);
  M2TTS_ASSIGN_OR_RETURN(JobRecord record, Find(id));
  change(&record);
  return Commit(std::move(record), nullptr);
}

Status JobBoard::Progress(const std::string& id, const v1::JobProgress& progress) {
  MutexLock lock(&mutex_);
  M2TTS_ASSIGN_OR_RETURN(JobRecord record, Find(id));
  *record.job.mutable_progress() = progress;
  v1::JobEvent event;
  *event.mutable_progress() = progress;
  const int64_t number = record.number;
  M2TTS_RETURN_IF_ERROR(Commit(std::move(record), &event));
  if (event.sequence() % kEventsKept != 0) return OkStatus();
  return store_->ThinProgress(number, kEventsKept);
}

Status JobBoard::Log(const std::string& id, const std::string& line) {
  MutexLock lock(&mutex_);
  M2TTS_ASSIGN_OR_RETURN(JobRecord record, Find(id));
  v1::JobEvent event;
  event.set_log_line(Printable(line));
  const int64_t number = record.number;
  M2TTS_RETURN_IF_ERROR(Commit(std::move(record), &event));
  return event.sequence() % kEventsKept == 0 ? store_->ThinLog(number, kEventsKept) : OkStatus();
}

Status JobBoard::Watch(const std::string& id, JobWatcher* watcher) {
  M2TTS_RETURN_IF_ERROR(Record(id).status());
  MutexLock lock(&watchers_mutex_);
  if (closed_) return Errorf(StatusCode::kUnavailable, "the daemon is stopping; watch again later");
  watchers_.emplace(id, watcher);
  return OkStatus();
}

void JobBoard::Unwatch(const std::string& id, JobWatcher* watcher) {
  MutexLock lock(&watchers_mutex_);
  const auto [begin, end] = watchers_.equal_range(id);
  const auto found = std::find_if(begin, end, [&](const auto& entry) { return entry.second == watcher; });
  if (found != end) watchers_.erase(found);
}

void JobBoard::CloseWatchers() {
  MutexLock lock(&watchers_mutex_);
  closed_ = true;
  for (const auto& [id, watcher] : watchers_) watcher->OnClose();
}

void JobBoard::Announce(const std::string& id) {
  MutexLock lock(&watchers_mutex_);
  const auto [begin, end] = watchers_.equal_range(id);
  for (auto it = begin; it != end; ++it) it->second->OnNews();
}

}  // namespace m2tts
