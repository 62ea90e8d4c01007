// All that is known about jobs, in one place: the store, the jobs that have not ended in memory, and those
// who watch. Every change goes through here: it is written first, and announced afterwards.
//
// The services call it for clients, the supervisor for workers. Any thread may call. Owned by the
// daemon; outlives both.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/base/mutex.h"
#include "core/base/status.h"
#include "server/jobs/job_store.h"

namespace m2tts {

// Hears that a job has something new. Called by any thread, with the board's list of watchers locked:
// must be quick and call nothing of the board.
class JobWatcher {
 public:
  virtual ~JobWatcher() = default;
  virtual void OnNews() = 0;
  // The daemon stops: end.
  virtual void OnClose() = 0;
};

class JobBoard {
 public:
  using UnixClock = std::function<double()>;  // seconds

  // Takes over the store, and puts jobs that an earlier daemon left running back into the queue.
  // max_unfinished: jobs that have not ended, at most, of those that are submitted from now on.
  static StatusOr<std::unique_ptr<JobBoard>> Open(std::unique_ptr<JobStore> store, UnixClock now = {},
                                                  int max_unfinished = INT32_MAX);

  // --- For clients ---------------------------------------------------------------------------------

  // The same id with the same spec returns the job that is there; with another ALREADY_EXISTS.
  // RESOURCE_EXHAUSTED when there are max_unfinished already.
  StatusOr<v1::Job> Submit(const std::string& id, const v1::JobSpec& spec, int priority,
                           const std::map<std::string, std::string>& labels) ABSL_LOCKS_EXCLUDED(mutex_);
  // What Submit says when it has no place for a new job.
  Status HasPlace() ABSL_LOCKS_EXCLUDED(mutex_);
  // With history. NOT_FOUND.
  StatusOr<v1::Job> Get(const std::string& id);
  StatusOr<std::vector<JobRecord>> List(const std::vector<v1::JobState>& states, int64_t before, int limit) {
    return store_->List(states, before, limit);
  }
  // Each asks; the supervisor does. A job without worker changes at once. FAILED_PRECONDITION for one that
  // has ended (but cancelling a cancelled job, pausing a paused one and resuming one that runs are fine).
  StatusOr<v1::Job> Pause(const std::string& id) ABSL_LOCKS_EXCLUDED(mutex_);
  StatusOr<v1::Job> Resume(const std::string& id) ABSL_LOCKS_EXCLUDED(mutex_);
  StatusOr<v1::Job> Cancel(const std::string& id) ABSL_LOCKS_EXCLUDED(mutex_);
  StatusOr<v1::Job> Change(const std::string& id, const std::function<void(v1::Job*)>& change)
      ABSL_LOCKS_EXCLUDED(mutex_);
  // FAILED_PRECONDITION for a job that has not ended, and for one that has succeeded while another waits
  // to follow it. Of a job with many events in parts, between which other calls have their turn.
  Status Delete(const std::string& id) ABSL_LOCKS_EXCLUDED(mutex_);
  StatusOr<std::vector<v1::JobEvent>> Events(const std::string& id, int64_t sequence, int limit);

  // OnNews follows every event from now on. NOT_FOUND; UNAVAILABLE after CloseWatchers.
  Status Watch(const std::string& id, JobWatcher* watcher) ABSL_LOCKS_EXCLUDED(watchers_mutex_);
  // When it returns, no call of the watcher runs or follows.
  void Unwatch(const std::string& id, JobWatcher* watcher) ABSL_LOCKS_EXCLUDED(watchers_mutex_);
  void CloseWatchers() ABSL_LOCKS_EXCLUDED(watchers_mutex_);

  // --- For the supervisor --------------------------------------------------------------------------
  // Its records are without spec.config_yaml, which may be a megabyte and is needed once.

  // Of the jobs that have not ended, by submission.
  std::vector<JobRecord> Active() ABSL_LOCKS_EXCLUDED(mutex_);
  StatusOr<JobRecord> Record(const std::string& id) ABSL_LOCKS_EXCLUDED(mutex_);
  // Whether a job that has not begun waits for it, or for what it makes.
  bool IsAwaited(const std::string& id) ABSL_LOCKS_EXCLUDED(mutex_);
  // The whole of it. NOT_FOUND.
  StatusOr<v1::JobSpec> Spec(const std::string& id);
  // Moves the job on; `change` (may be null) edits the record in the same step. The clock fills in start
  // and end.
  Status Transition(const std::string& id, v1::JobState to, const std::string& reason,
                    v1::PauseReason pause_reason = v1::PAUSE_REASON_UNSPECIFIED,
                    const std::function<void(JobRecord*)>& change = nullptr) ABSL_LOCKS_EXCLUDED(mutex_);
  // Says why a job does not go on, as its message, and as its pause reason if it is paused. An event tells
  // who watches when it is another reason; one that differs only in its figures is none.
  Status Explain(const std::string& id, const std::string& why,
                 v1::PauseReason pause_reason = v1::PAUSE_REASON_UNSPECIFIED) ABSL_LOCKS_EXCLUDED(mutex_);
  // Edits a record without an event.
  Status Edit(const std::string& id, const std::function<void(JobRecord*)>& change)
      ABSL_LOCKS_EXCLUDED(mutex_);
  Status Progress(const std::string& id, const v1::JobProgress& progress) ABSL_LOCKS_EXCLUDED(mutex_);
  Status Log(const std::string& id, const std::string& line) ABSL_LOCKS_EXCLUDED(mutex_);
  // Called after every request of a client; by any thread. Set once, before the first.
  void OnRequest(std::function<void()> wake) { wake_ = std::move(wake); }

  JobStore& store() { return *store_; }
  double now() const { return now_(); }

 private:
  JobBoard(std::unique_ptr<JobStore> store, UnixClock now, int max_unfinished);
  StatusOr<JobRecord> Find(const std::string& id) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  Status CheckPlace() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // One that waits for it, or null.
  const JobRecord* FollowerOf(const std::string& id) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // The number of a job that may be deleted.
  StatusOr<int64_t> Deletable(const std::string& id) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Has a job in memory unless it has ended.
  void Remember(JobRecord record) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Writes record and event, then makes both the truth here.
  Status Commit(JobRecord record, v1::JobEvent* event) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  Status Move(JobRecord record, v1::JobState to, const std::string& reason, v1::PauseReason pause_reason)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // As Explain.
  Status Say(JobRecord record, const std::string& why, v1::PauseReason pause_reason)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Announce(const std::string& id) ABSL_LOCKS_EXCLUDED(watchers_mutex_);

  const std::unique_ptr<JobStore> store_;
  const UnixClock now_;
  const int max_unfinished_;
  std::function<void()> wake_;

  Mutex mutex_;
  std::map<int64_t, JobRecord> active_ ABSL_GUARDED_BY(mutex_);               // by number
  std::unordered_map<std::string, int64_t> numbers_ ABSL_GUARDED_BY(mutex_);  // of those, by id

  Mutex watchers_mutex_;
  std::multimap<std::string, JobWatcher*> watchers_ ABSL_GUARDED_BY(watchers_mutex_);
  bool closed_ ABSL_GUARDED_BY(watchers_mutex_) = false;
};

// Seconds since 1970 as a message.
google::protobuf::Timestamp ToTimestamp(double unix_seconds);

}  // namespace m2tts
