#include "server/jobs/job_store.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <sqlite3.h>

#include <algorithm>
#include <array>

#include "core/base/file.h"
#include "server/jobs/job_state.h"

namespace m2tts {
namespace {

constexpr int kBusyTimeoutMs = 5000;

// kMigrations[i] brings a file of version i to version i + 1. Never change one that was released.
constexpr std::array<const char*, 1> kMigrations = {R"sql(
CREATE TABLE jobs(
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  state INTEGER NOT NULL,
  end_time REAL NOT NULL DEFAULT 0,
  spec BLOB NOT NULL,
  record BLOB NOT NULL,
  pause_requested INTEGER NOT NULL DEFAULT 0,
  cancel_requested INTEGER NOT NULL DEFAULT 0,
  not_before REAL NOT NULL DEFAULT 0,
  failures INTEGER NOT NULL DEFAULT 0,
  min_parts INTEGER NOT NULL DEFAULT 1,
  phase TEXT NOT NULL DEFAULT '');
CREATE INDEX jobs_by_state ON jobs(state, number);
CREATE TABLE transitions(
  job INTEGER NOT NULL, sequence INTEGER NOT NULL, body BLOB NOT NULL,
  PRIMARY KEY(job, sequence)) WITHOUT ROWID;
CREATE TABLE events(
  job INTEGER NOT NULL, sequence INTEGER NOT NULL, kind INTEGER NOT NULL, body BLOB NOT NULL,
  PRIMARY KEY(job, sequence)) WITHOUT ROWID;
CREATE TABLE publications(
  voice TEXT NOT NULL, version INTEGER NOT NULL, job TEXT NOT NULL, time REAL NOT NULL,
  active INTEGER NOT NULL, PRIMARY KEY(voice, version)) WITHOUT ROWID;
)sql"};

constexpr char kColumns[] =
    "number, spec, record, pause_requested, cancel_requested, not_before, failures, min_parts, phase";

// SQLiteCpp reports by exceptions; they end here.
template <typename Function>
auto Guarded(const char* action, Function function) -> decltype(function()) {
  try {
    return function();
  } catch (const SQLite::Exception& error) {
    const int code = error.getErrorCode();
    const StatusCode status = code == SQLITE_FULL ? StatusCode::kResourceExhausted
                              : code == SQLITE_CORRUPT || code == SQLITE_NOTADB ? StatusCode::kDataLoss
                                                                                : StatusCode::kInternal;
    return Errorf(status, "the job store cannot {}: {}", action, error.what());
  }
}

void BindBlob(SQLite::Statement* statement, int index, const std::string& bytes) {
  statement->bind(index, bytes.data(), static_cast<int>(bytes.size()));
}

template <typename Message>
Message ParseColumn(const SQLite::Column& column) {
  Message message;
  message.ParseFromArray(column.getBlob(), column.getBytes());
  return message;
}

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

// A job's message without what lies elsewhere.
std::string RecordBytes(const v1::Job& job) {
  v1::Job small = job;
  small.clear_spec();
  small.clear_history();
  return small.SerializeAsString();
}

// Statements are kept: each use starts anew.
class Use {
 public:
  explicit Use(SQLite::Statement& statement) : statement_(statement) {
    statement_.reset();
    statement_.clearBindings();
  }
  ~Use() { statement_.tryReset(); }
  SQLite::Statement* operator->() { return &statement_; }
  SQLite::Statement& operator*() { return statement_; }

 private:
  SQLite::Statement& statement_;
};

}  // namespace

JobStore::JobStore(std::unique_ptr<SQLite::Database> database) : database_(std::move(database)) {}
JobStore::~JobStore() {
  MutexLock lock(&mutex_);
  statements_.clear();
}

StatusOr<std::unique_ptr<JobStore>> JobStore::Open(const std::filesystem::path& path) {
  M2TTS_RETURN_IF_ERROR(MakeFolder(path.parent_path()));
  using Result = StatusOr<std::unique_ptr<JobStore>>;
  Result result = Guarded("open its file", [&]() -> Result {
    auto database = std::make_unique<SQLite::Database>(
        path.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE, kBusyTimeoutMs);
    const std::string check = database->execAndGet("PRAGMA quick_check").getString();
    if (check != "ok") return DataLoss("{}", check);
    database->exec("PRAGMA journal_mode = WAL");
    database->exec("PRAGMA synchronous = FULL");
    return std::unique_ptr<JobStore>(new JobStore(std::move(database)));
  });
  if (result.ok()) {
    MutexLock lock(&(*result)->mutex_);
    const Status migrated = Guarded("bring its file up to date", [&] { return (*result)->Migrate(); });
    if (!migrated.ok()) return Annotate(migrated, path.string());
  }
  if (result.status().code() == StatusCode::kDataLoss) {
    return DataLoss("{}: damaged ({}); move it away to start without jobs, or put a backup in its place",
                    path.string(), std::string(result.status().message()));
  }
  if (!result.ok()) return Annotate(result.status(), path.string());
  return result;
}

Status JobStore::Migrate() {
  const int version = database_->execAndGet("PRAGMA user_version").getInt();
  const int newest = static_cast<int>(kMigrations.size());
  if (version > newest) {
    return Errorf(StatusCode::kFailedPrecondition,
                  "made by a later m2ttsd (schema {}, this one knows {}); use that one, or another state_dir",
                  version, newest);
  }
  for (int i = version; i < newest; ++i) {
    SQLite::Transaction transaction(*database_);
    database_->exec(kMigrations[static_cast<size_t>(i)]);
    database_->exec(fmt::format("PRAGMA user_version = {}", i + 1));
    transaction.commit();
  }
  return OkStatus();
}

SQLite::Statement& JobStore::Prepared(const char* sql) {
  auto& statement = statements_[sql];
  if (statement == nullptr) statement = std::make_unique<SQLite::Statement>(*database_, sql);
  return *statement;
}

void JobStore::WriteRow(const JobRecord& record) {
  Use update(
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
    Use insert(Prepared("INSERT INTO events(job, sequence, kind, body) VALUES(?, ?, ?, ?)"));
    insert->bind(1, record->number);
    insert->bind(2, sequence);
    insert->bind(3, static_cast<int>(event->event_case()));
    BindBlob(&*insert, 4, event->SerializeAsString());
    insert->exec();
  }
  if (!event->has_transition()) return;
  Use insert(Prepared("INSERT INTO transitions(job, sequence, body) VALUES(?, ?, ?)"));
  insert->bind(1, record->number);
  insert->bind(2, sequence);
  BindBlob(&*insert, 3, event->transition().SerializeAsString());
  insert->exec();
}

Status JobStore::Insert(JobRecord* record) {
  MutexLock lock(&mutex_);
  return Guarded("add a job", [&]() -> Status {
    SQLite::Transaction transaction(*database_);
    {
      Use exists(Prepared("SELECT 1 FROM jobs WHERE id = ?"));
      exists->bind(1, record->job.id());
      if (exists->executeStep()) {
        return Errorf(StatusCode::kAlreadyExists, "there is a job '{}' already", record->job.id());
      }
    }
    {
      Use insert(Prepared("INSERT INTO jobs(id, state, spec, record) VALUES(?, ?, ?, ?)"));
      insert->bind(1, record->job.id());
      insert->bind(2, static_cast<int>(record->job.state()));
      BindBlob(&*insert, 3, record->job.spec().SerializeAsString());
      BindBlob(&*insert, 4, RecordBytes(record->job));
      insert->exec();
    }
    record->number = database_->getLastInsertRowid();
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
  return Guarded("read a job", [&]() -> StatusOr<JobRecord> {
    static const std::string* const sql =
        new std::string(fmt::format("SELECT {} FROM jobs WHERE id = ?", kColumns));
    Use select(Prepared(sql->c_str()));
    select->bind(1, id);
    if (!select->executeStep()) return NotFound("there is no job '{}'", id);
    return ReadRow(*select);
  });
}

StatusOr<std::vector<v1::JobTransition>> JobStore::History(int64_t number) {
  MutexLock lock(&mutex_);
  using Result = StatusOr<std::vector<v1::JobTransition>>;
  return Guarded("read a history", [&]() -> Result {
    std::vector<v1::JobTransition> history;
    Use select(Prepared("SELECT body FROM transitions WHERE job = ? ORDER BY sequence"));
    select->bind(1, number);
    while (select->executeStep()) history.push_back(ParseColumn<v1::JobTransition>(select->getColumn(0)));
    return history;
  });
}

StatusOr<std::vector<JobRecord>> JobStore::List(const std::vector<v1::JobState>& states, int64_t before,
                                                int limit) {
  MutexLock lock(&mutex_);
  using Result = StatusOr<std::vector<JobRecord>>;
  return Guarded("list jobs", [&]() -> Result {
    static const std::string* const all = new std::string(
        fmt::format("SELECT {} FROM jobs WHERE number < ? ORDER BY number DESC LIMIT ?", kColumns));
    static const std::string* const of_state = new std::string(fmt::format(
        "SELECT {} FROM jobs WHERE state = ? AND number < ? ORDER BY number DESC LIMIT ?", kColumns));
    const int64_t below = before > 0 ? before : INT64_MAX;
    std::vector<JobRecord> jobs;
    if (states.empty()) {
      Use select(Prepared(all->c_str()));
      select->bind(1, below);
      select->bind(2, limit);
      while (select->executeStep()) jobs.push_back(ReadRow(*select));
      return jobs;
    }
    // One index range for each state: no scan passes over the jobs of the others.
    for (const v1::JobState state : states) {
      Use select(Prepared(of_state->c_str()));
      select->bind(1, static_cast<int>(state));
      select->bind(2, below);
      select->bind(3, limit);
      while (select->executeStep()) jobs.push_back(ReadRow(*select));
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
  return Guarded("count jobs", [&]() -> Result {
    std::map<v1::JobState, int64_t> counts;
    Use select(Prepared("SELECT state, COUNT(*) FROM jobs GROUP BY state"));
    while (select->executeStep()) {
      counts[static_cast<v1::JobState>(select->getColumn(0).getInt())] = select->getColumn(1).getInt64();
    }
    return counts;
  });
}

Status JobStore::Update(const JobRecord& record) {
  MutexLock lock(&mutex_);
  return Guarded("write a job", [&]() -> Status {
    WriteRow(record);
    return OkStatus();
  });
}

Status JobStore::Append(JobRecord* record, v1::JobEvent* event) {
  MutexLock lock(&mutex_);
  return Guarded("write an event", [&]() -> Status {
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
  return Guarded("read events", [&]() -> Result {
    std::vector<v1::JobEvent> events;
    Use select(Prepared("SELECT body FROM events WHERE job = ? AND sequence >= ? ORDER BY sequence LIMIT ?"));
    select->bind(1, number);
    select->bind(2, sequence);
    select->bind(3, limit);
    while (select->executeStep()) events.push_back(ParseColumn<v1::JobEvent>(select->getColumn(0)));
    return events;
  });
}

Status JobStore::ThinProgress(int64_t number, int64_t keep) {
  MutexLock lock(&mutex_);
  return Guarded("thin out events", [&]() -> Status {
    int64_t oldest_kept = 0;
    {
      Use select(
          Prepared("SELECT sequence FROM events WHERE job = ? AND kind = ? ORDER BY sequence DESC "
                   "LIMIT 1 OFFSET ?"));
      select->bind(1, number);
      select->bind(2, static_cast<int>(v1::JobEvent::kProgress));
      select->bind(3, keep);
      if (!select->executeStep()) return OkStatus();
      oldest_kept = select->getColumn(0).getInt64();
    }
    Use erase(
        Prepared("DELETE FROM events WHERE job = ? AND kind = ? AND sequence <= ? AND sequence % 16 != 0"));
    erase->bind(1, number);
    erase->bind(2, static_cast<int>(v1::JobEvent::kProgress));
    erase->bind(3, oldest_kept);
    erase->exec();
    return OkStatus();
  });
}

Status JobStore::Delete(int64_t number) {
  MutexLock lock(&mutex_);
  return Guarded("delete a job", [&]() -> Status {
    SQLite::Transaction transaction(*database_);
    for (const char* sql : {"DELETE FROM events WHERE job = ?", "DELETE FROM transitions WHERE job = ?",
                            "DELETE FROM jobs WHERE number = ?"}) {
      Use erase(Prepared(sql));
      erase->bind(1, number);
      erase->exec();
    }
    transaction.commit();
    return OkStatus();
  });
}

StatusOr<int64_t> JobStore::AddPublication(const std::string& voice, const std::string& job_id, double time) {
  MutexLock lock(&mutex_);
  return Guarded("add a version of a voice", [&]() -> StatusOr<int64_t> {
    SQLite::Transaction transaction(*database_);
    int64_t version = 0;
    {
      Use select(Prepared("SELECT COALESCE(MAX(version), 0) + 1 FROM publications WHERE voice = ?"));
      select->bind(1, voice);
      select->executeStep();
      version = select->getColumn(0).getInt64();
    }
    {
      Use update(Prepared("UPDATE publications SET active = 0 WHERE voice = ?"));
      update->bind(1, voice);
      update->exec();
    }
    {
      Use insert(
          Prepared("INSERT INTO publications(voice, version, job, time, active) VALUES(?, ?, ?, ?, 1)"));
      insert->bind(1, voice);
      insert->bind(2, version);
      insert->bind(3, job_id);
      insert->bind(4, time);
      insert->exec();
    }
    transaction.commit();
    return version;
  });
}

StatusOr<std::vector<VoicePublication>> JobStore::Publications(const std::string& voice) {
  MutexLock lock(&mutex_);
  using Result = StatusOr<std::vector<VoicePublication>>;
  return Guarded("read the versions of a voice", [&]() -> Result {
    std::vector<VoicePublication> versions;
    Use select(
        Prepared("SELECT voice, version, job, time, active FROM publications WHERE voice = ? "
                 "ORDER BY version"));
    select->bind(1, voice);
    while (select->executeStep()) {
      versions.push_back({select->getColumn(0).getString(), select->getColumn(1).getInt64(),
                          select->getColumn(2).getString(), select->getColumn(3).getDouble(),
                          select->getColumn(4).getInt() != 0});
    }
    return versions;
  });
}

Status JobStore::SetActive(const std::string& voice, int64_t version) {
  MutexLock lock(&mutex_);
  return Guarded("change the version of a voice", [&]() -> Status {
    Use update(Prepared("UPDATE publications SET active = (version = ?) WHERE voice = ?"));
    update->bind(1, version);
    update->bind(2, voice);
    update->exec();
    return OkStatus();
  });
}

Status JobStore::Backup(const std::filesystem::path& path) {
  MutexLock lock(&mutex_);
  return Guarded("make a backup", [&]() -> Status {
    Use vacuum(Prepared("VACUUM INTO ?"));
    vacuum->bind(1, path.string());
    vacuum->exec();
    return OkStatus();
  });
}

}  // namespace m2tts
