// The jobs on disk: one SQLite file in WAL mode, STATE_DIR/jobs.sqlite.
//
//   jobs          a row per job: what it is, and where it stands
//   configs       spec.config_yaml, up to a megabyte that is read and written once (of older files' jobs: in
//                 their row)
//   transitions   its changes of state
//   events        what WatchJob replays: transitions, progress, lines of the log, by sequence
//   publications  versions of voices that jobs made, for rollback
//
// What has been returned survives a kill, and transitions survive a power cut too (synchronous =
// FULL); of the progress of the last seconds a power cut may take some. One writer: the state folder's
// lock keeps a second daemon away; job_backup.h reads beside it. The schema has a version (PRAGMA
// user_version): an older file is brought up to date at the start, a newer one is refused.
//
// Any thread may call; calls take turns, each takes a few milliseconds at most.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/mutex.h"
#include "core/base/status.h"
#include "m2tts/v1/training.pb.h"

namespace SQLite {
class Database;
class Statement;
}  // namespace SQLite

namespace m2tts {

// A job with what only the daemon needs to know.
struct JobRecord {
  int64_t number = 0;  // by order of submission
  v1::Job job;         // without history
  bool pause_requested = false;
  bool cancel_requested = false;
  double not_before = 0.0;  // Unix time, of the next attempt
  int failures = 0;         // in a row, without progress
  int min_parts = 1;        // pieces of a batch at least, raised when memory did not suffice
  std::string phase;        // of what it does (PhasesOf); empty: not begun
};

struct VoicePublication {
  std::string voice;
  int64_t version = 0;
  std::string job_id;
  double time = 0.0;  // Unix
  bool active = false;
};

// A place in the order in which jobs have ended.
struct EndedJob {
  double end_time = 0.0;  // Unix; 0: before all
  int64_t number = INT64_MAX;
  std::string id;
};

class JobStore {
 public:
  // As OpenJobDatabase (job_database.h) has it.
  static StatusOr<std::unique_ptr<JobStore>> Open(const std::filesystem::path& path);
  ~JobStore();

  // Adds a job and its first event; fills in number and last_sequence. ALREADY_EXISTS for its id.
  Status Insert(JobRecord* record) ABSL_LOCKS_EXCLUDED(mutex_);
  // NOT_FOUND.
  StatusOr<JobRecord> Get(const std::string& id) ABSL_LOCKS_EXCLUDED(mutex_);
  // The same without spec.config_yaml.
  StatusOr<JobRecord> Find(const std::string& id) ABSL_LOCKS_EXCLUDED(mutex_);
  StatusOr<std::vector<v1::JobTransition>> History(int64_t number) ABSL_LOCKS_EXCLUDED(mutex_);
  // Newest first, with numbers below `before` (0: all), in any of `states` (empty: all). Without
  // spec.config_yaml, which may be a megabyte.
  StatusOr<std::vector<JobRecord>> List(const std::vector<v1::JobState>& states, int64_t before, int limit)
      ABSL_LOCKS_EXCLUDED(mutex_);
  // Those that have not ended, oldest first. Without spec.config_yaml.
  StatusOr<std::vector<JobRecord>> Unfinished() ABSL_LOCKS_EXCLUDED(mutex_);
  StatusOr<std::map<v1::JobState, int64_t>> Counts() ABSL_LOCKS_EXCLUDED(mutex_);

  // Writes everything of a job but its spec.
  Status Update(const JobRecord& record) ABSL_LOCKS_EXCLUDED(mutex_);
  // The same and an event, in one transaction. Fills in event->sequence and record's last_sequence.
  // A transition also goes into the history.
  Status Append(JobRecord* record, v1::JobEvent* event) ABSL_LOCKS_EXCLUDED(mutex_);
  // From `sequence` on, in order.
  StatusOr<std::vector<v1::JobEvent>> Events(int64_t number, int64_t sequence, int limit)
      ABSL_LOCKS_EXCLUDED(mutex_);
  Status Delete(int64_t number) ABSL_LOCKS_EXCLUDED(mutex_);

  // What is kept (retention_store.cc).

  // Of a long job: keeps every 16th of the events of progress before the newest `keep`.
  Status ThinProgress(int64_t number, int64_t keep) ABSL_LOCKS_EXCLUDED(mutex_);
  // Of a talkative one: keeps no lines of the log before the newest `keep`.
  Status ThinLog(int64_t number, int64_t keep) ABSL_LOCKS_EXCLUDED(mutex_);
  // Up to `limit` events that are no transitions. True when there may be more of them.
  StatusOr<bool> DropEvents(int64_t number, int limit) ABSL_LOCKS_EXCLUDED(mutex_);
  // Up to `limit` jobs that have ended before `before`, by end, those behind `after`.
  StatusOr<std::vector<EndedJob>> Ended(const EndedJob& after, double before, int limit)
      ABSL_LOCKS_EXCLUDED(mutex_);
  // Whether a version of a voice is that job's.
  StatusOr<bool> HasPublished(const std::string& id) ABSL_LOCKS_EXCLUDED(mutex_);

  // Adds a version of a voice, the active one from now on, and returns its number.
  StatusOr<int64_t> AddPublication(const std::string& voice, const std::string& job_id, double time)
      ABSL_LOCKS_EXCLUDED(mutex_);
  // Oldest first.
  StatusOr<std::vector<VoicePublication>> Publications(const std::string& voice) ABSL_LOCKS_EXCLUDED(mutex_);
  Status SetActive(const std::string& voice, int64_t version) ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  explicit JobStore(std::unique_ptr<SQLite::Database> database);
  SQLite::Statement& Prepared(const char* sql) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Without a config that lies apart.
  StatusOr<JobRecord> ReadJob(const std::string& id) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void WriteRow(const JobRecord& record) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void WriteEvent(JobRecord* record, v1::JobEvent* event) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Deletes the events of one kind that `sql` chooses among those before the newest `keep`.
  Status Thin(const char* sql, int64_t number, int kind, int64_t keep) ABSL_LOCKS_EXCLUDED(mutex_);

  Mutex mutex_;
  const std::unique_ptr<SQLite::Database> database_ ABSL_PT_GUARDED_BY(mutex_);
  std::map<std::string, std::unique_ptr<SQLite::Statement>> statements_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace m2tts
