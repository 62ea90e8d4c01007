// JobStore, the part about jobs and their events.
#include "server/jobs/job_store.h"

#include <SQLiteCpp/SQLiteCpp.h>

#include <algorithm>

#include "server/jobs/job_database.h"
#include "server/jobs/job_state.h"
#include "server/jobs/sqlite_helpers.h"

namespace m2tts {
namespace {

constexpr char kColumns[] =
    "number, spec, record, pause_requested, cancel_requested, not_before, failures, min_parts, phase";

JobRecord ReadRow(SQLite::Statement& row) {
  JobRecord record;
  record.number = row.getColumn(0).getInt64();
  record.job = ParseColumn<v1::Job>(row.getColumn(2));
  *record.job.mutable_spec() = ParseColumn<v1::JobSpec>(row.getColumn(1));
  record.pause_requested = row.getColumn(3).getInt() != 0;
  record.cancel_requested = row.getColumn(4).getInt() != 0;
  record.not_before = row.getColumn(5).getDouble();
  record.failures = row.getColumn(6).getInt();
  record.min_parts = row.getColumn(7).getInt();
  record.phase = row.getColumn(8).getString();
  return record;
}

JobRecord ReadLightRow(SQLite::Statement& row) {
  JobRecord record = ReadRow(row);
  record.job.mutable_spec()->clear_config_yaml();
  return record;
}

// A job's message without what lies elsewhere.
std::string RecordBytes(const v1::Job& job) {
  v1::Job small = job;
  small.clear_spec();
  small.clear_history();
  return small.SerializeAsString();
}

}  // namespace

JobStore::JobStore(std::unique_ptr<SQLite::Database> database) : database_(std::move(database)) {}
JobStore::~JobStore() {
  MutexLock lock(&mutex_);
  statements_.clear();
}

StatusOr<std::unique_ptr<JobStore>> JobStore::Open(const std::filesystem::path& path) {
  M2TTS_ASSIGN_OR_RETURN(auto database, OpenJobDatabase(path));
  return std::unique_ptr<JobStore>(new JobStore(std::move(database)));
}

SQLite::Statement& JobStore::Prepared(const char* sql) {
  auto& statement = statements_[sql];
  if (statement == nullptr) statement = std::make_unique<SQLite::Statement>(*database_, sql);
  return *statement;
}

void JobStore::WriteRow(const JobRecord& record) {
  StatementUse update(
      Prepared("UPDATE jobs SET state = ?, end_time = ?, record = ?, pause_requested = ?, "
               "cancel_requested = ?, not_before = ?, failures = ?, min_parts = ?, phase = ? "
               "WHERE number = ?"));
  const v1::Job& job = record.job;
  update->bind(1, static_cast<int>(job.state()));
  update->bind(2, JobStateMachine::IsTerminal(job.state())
                      ? static_cast<double>(job.end_time().seconds()) + 1e-9 * job.end_time().nanos()
                      : 0.0);
  BindBlob(&*update, 3, RecordBytes(job));
  update->bind(4, record.pause_requested ? 1 : 0);
  update->bind(5, record.cancel_requested ? 1 : 0);
  update->bind(6, record.not_before);
  update->bind(7, record.failures);
  update->bind(8, record.min_parts);
  update->bind(9, record.phase);
  update->bind(10, record.number);
  update->exec();
}

void JobStore::WriteEvent(JobRecord* record, v1::JobEvent* event) {
  const int64_t sequence = record->job.last_sequence() + 1;
  event->set_sequence(sequence);
  record->job.set_last_sequence(sequence);
  {
    StatementUse insert(Prepared("INSERT INTO events(job, sequence, kind, body) VALUES(?, ?, ?, ?)"));
    insert->bind(1, record->number);
    insert->bind(2, sequence);
    insert->bind(3, static_cast<int>(event->event_case()));
    BindBlob(&*insert, 4, event->SerializeAsString());
    insert->exec();
  }
  if (!event->has_transition()) return;
  StatementUse insert(Prepared("INSERT INTO transitions(job, sequence, body) VALUES(?, ?, ?)"));
  insert->bind(1, record->number);
  insert->bind(2, sequence);
  BindBlob(&*insert, 3, event->transition().SerializeAsString());
  insert->exec();
}

Status JobStore::Insert(JobRecord* record) {
  MutexLock lock(&mutex_);
  return GuardSqlite("add a job", [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) -> Status {
    SQLite::Transaction transaction(*database_);
    {
      StatementUse exists(Prepared("SELECT 1 FROM jobs WHERE id = ?"));
      exists->bind(1, record->job.id());
      if (exists->executeStep()) {
        return Errorf(StatusCode::kAlreadyExists, "there is a job '{}' already", record->job.id());
      }
    }
    {
      StatementUse insert(Prepared("INSERT INTO jobs(id, state, spec, record) VALUES(?, ?, ?, ?)"));
      insert->bind(1, record->job.id());
      insert->bind(2, static_cast<int>(record->job.state()));
      v1::JobSpec light = record->job.spec();
      light.clear_config_yaml();
      BindBlob(&*insert, 3, light.SerializeAsString());
      BindBlob(&*insert, 4, RecordBytes(record->job));
      insert->exec();
    }
    record->number = database_->getLastInsertRowid();
    if (const std::string& config = record->job.spec().config_yaml(); !config.empty()) {
      StatementUse insert(Prepared("INSERT INTO configs(job, body) VALUES(?, ?)"));
      insert->bind(1, record->number);
      BindBlob(&*insert, 2, config);
      insert->exec();
    }
    v1::JobEvent event;
    *event.mutable_time() = record->job.create_time();
    event.mutable_transition()->set_to(record->job.state());
    event.mutable_transition()->set_reason("submitted");
    *event.mutable_transition()->mutable_time() = record->job.create_time();
    WriteEvent(record, &event);
    WriteRow(*record);
    transaction.commit();
    return OkStatus();
  });
}

StatusOr<JobRecord> JobStore::Get(const std::string& id) {
  MutexLock lock(&mutex_);
  return GuardSqlite("read a job", [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) -> StatusOr<JobRecord> {
    M2TTS_ASSIGN_OR_RETURN(JobRecord record, ReadJob(id));
    StatementUse select(Prepared("SELECT body FROM configs WHERE job = ?"));
    select->bind(1, record.number);
    if (select->executeStep()) record.job.mutable_spec()->set_config_yaml(select->getColumn(0).getString());
    return record;
  });
}

StatusOr<JobRecord> JobStore::Find(const std::string& id) {
  MutexLock lock(&mutex_);
  return GuardSqlite("read a job", [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) -> StatusOr<JobRecord> {
    M2TTS_ASSIGN_OR_RETURN(JobRecord record, ReadJob(id));
    record.job.mutable_spec()->clear_config_yaml();
    return record;
  });
}

StatusOr<JobRecord> JobStore::ReadJob(const std::string& id) {
  static const std::string* const sql =
      new std::string(fmt::format("SELECT {} FROM jobs WHERE id = ?", kColumns));
  StatementUse select(Prepared(sql->c_str()));
  select->bind(1, id);
  if (!select->executeStep()) return NotFound("there is no job '{}'", id);
  return ReadRow(*select);
}

StatusOr<std::vector<v1::JobTransition>> JobStore::History(int64_t number) {
  MutexLock lock(&mutex_);
  using Result = StatusOr<std::vector<v1::JobTransition>>;
  return GuardSqlite("read a history", [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) -> Result {
    std::vector<v1::JobTransition> history;
    StatementUse select(Prepared("SELECT body FROM transitions WHERE job = ? ORDER BY sequence"));
    select->bind(1, number);
    while (select->executeStep()) history.push_back(ParseColumn<v1::JobTransition>(select->getColumn(0)));
    return history;
  });
}

StatusOr<std::vector<JobRecord>> JobStore::List(const std::vector<v1::JobState>& states, int64_t before,
                                                int limit) {
  MutexLock lock(&mutex_);
  using Result = StatusOr<std::vector<JobRecord>>;
  return GuardSqlite("list jobs", [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) -> Result {
    static const std::string* const all = new std::string(
        fmt::format("SELECT {} FROM jobs WHERE number < ? ORDER BY number DESC LIMIT ?", kColumns));
    static const std::string* const of_state = new std::string(fmt::format(
        "SELECT {} FROM jobs WHERE state = ? AND number < ? ORDER BY number DESC LIMIT ?", kColumns));
    const int64_t below = before > 0 ? before : INT64_MAX;
    std::vector<JobRecord> jobs;
    if (states.empty()) {
      StatementUse select(Prepared(all->c_str()));
      select->bind(1, below);
      select->bind(2, limit);
      while (select->executeStep()) jobs.push_back(ReadLightRow(*select));
      return jobs;
    }
    // One index range for each state: no scan passes over the jobs of the others.
    for (const v1::JobState state : states) {
      StatementUse select(Prepared(of_state->c_str()));
      select->bind(1, static_cast<int>(state));
      select->bind(2, below);
      select->bind(3, limit);
      while (select->executeStep()) jobs.push_back(ReadLightRow(*select));
    }
    std::sort(jobs.begin(), jobs.end(),
              [](const JobRecord& a, const JobRecord& b) { return a.number > b.number; });
    const auto same = [](const JobRecord& a, const JobRecord& b) { return a.number == b.number; };
    jobs.erase(std::unique(jobs.begin(), jobs.end(), same), jobs.end());
    if (jobs.size() > static_cast<size_t>(limit)) jobs.resize(static_cast<size_t>(limit));
    return jobs;
  });
}

StatusOr<std::vector<JobRecord>> JobStore::Unfinished() {
  M2TTS_ASSIGN_OR_RETURN(
      auto jobs, List({v1::JOB_STATE_QUEUED, v1::JOB_STATE_RUNNING, v1::JOB_STATE_PAUSED}, 0, INT32_MAX));
  std::reverse(jobs.begin(), jobs.end());
  return jobs;
}

StatusOr<std::map<v1::JobState, int64_t>> JobStore::Counts() {
  MutexLock lock(&mutex_);
  using Result = StatusOr<std::map<v1::JobState, int64_t>>;
  return GuardSqlite("count jobs", [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) -> Result {
    std::map<v1::JobState, int64_t> counts;
    StatementUse select(Prepared("SELECT state, COUNT(*) FROM jobs GROUP BY state"));
    while (select->executeStep()) {
      counts[static_cast<v1::JobState>(select->getColumn(0).getInt())] = select->getColumn(1).getInt64();
    }
    return counts;
  });
}

Status JobStore::Update(const JobRecord& record) {
  MutexLock lock(&mutex_);
  return GuardSqlite("write a job", [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) -> Status {
    WriteRow(record);
    return OkStatus();
  });
}

Status JobStore::Append(JobRecord* record, v1::JobEvent* event) {
  MutexLock lock(&mutex_);
  return GuardSqlite("write an event", [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) -> Status {
    const int64_t sequence = record->job.last_sequence();
    // Progress comes often, and the next one replaces it.
    const bool may_wait = !event->has_transition();
    if (may_wait) database_->exec("PRAGMA synchronous = NORMAL");
    try {
      SQLite::Transaction transaction(*database_);
      WriteEvent(record, event);
      WriteRow(*record);
      transaction.commit();
    } catch (...) {
      record->job.set_last_sequence(sequence);
      if (may_wait) database_->tryExec("PRAGMA synchronous = FULL");
      throw;
    }
    if (may_wait) database_->exec("PRAGMA synchronous = FULL");
    return OkStatus();
  });
}

StatusOr<std::vector<v1::JobEvent>> JobStore::Events(int64_t number, int64_t sequence, int limit) {
  MutexLock lock(&mutex_);
  using Result = StatusOr<std::vector<v1::JobEvent>>;
  return GuardSqlite("read events", [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) -> Result {
    std::vector<v1::JobEvent> events;
    StatementUse select(
        Prepared("SELECT body FROM events WHERE job = ? AND sequence >= ? ORDER BY sequence LIMIT ?"));
    select->bind(1, number);
    select->bind(2, sequence);
    select->bind(3, limit);
    while (select->executeStep()) events.push_back(ParseColumn<v1::JobEvent>(select->getColumn(0)));
    return events;
  });
}

Status JobStore::Delete(int64_t number) {
  MutexLock lock(&mutex_);
  return GuardSqlite("delete a job", [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) -> Status {
    SQLite::Transaction transaction(*database_);
    for (const char* sql : {"DELETE FROM events WHERE job = ?", "DELETE FROM transitions WHERE job = ?",
                            "DELETE FROM configs WHERE job = ?", "DELETE FROM jobs WHERE number = ?"}) {
      StatementUse erase(Prepared(sql));
      erase->bind(1, number);
      erase->exec();
    }
    transaction.commit();
    return OkStatus();
  });
}

}  // namespace m2tts
