#include "server/jobs/job_database.h"

#include <array>

#include "core/base/file.h"
#include "server/jobs/sqlite_helpers.h"

namespace m2tts {
namespace {

// kMigrations[i] brings a file of version i to version i + 1. Never change one that was released.
constexpr std::array<const char*, 3> kMigrations = {R"sql(
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
)sql",
                                                    R"sql(
CREATE INDEX jobs_by_end ON jobs(end_time, number);
)sql",
                                                    R"sql(
CREATE TABLE configs(job INTEGER PRIMARY KEY, body BLOB NOT NULL);
)sql"};

Status Migrate(SQLite::Database* database) {
  const int version = database->execAndGet("PRAGMA user_version").getInt();
  const int newest = static_cast<int>(kMigrations.size());
  if (version > newest) {
    return Errorf(StatusCode::kFailedPrecondition,
                  "made by a later m2ttsd (schema {}, this one knows {}); use that one, or another state_dir",
                  version, newest);
  }
  for (int i = version; i < newest; ++i) {
    SQLite::Transaction transaction(*database);
    database->exec(kMigrations[static_cast<size_t>(i)]);
    database->exec(fmt::format("PRAGMA user_version = {}", i + 1));
    transaction.commit();
  }
  return OkStatus();
}

}  // namespace

StatusOr<std::unique_ptr<SQLite::Database>> OpenJobDatabase(const std::filesystem::path& path) {
  M2TTS_RETURN_IF_ERROR(MakeFolder(path.parent_path()));
  using Result = StatusOr<std::unique_ptr<SQLite::Database>>;
  Result result = GuardSqlite("open its file", [&]() -> Result {
    auto database = std::make_unique<SQLite::Database>(
        path.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE, kBusyTimeoutMs);
    M2TTS_RETURN_IF_ERROR(CheckIntegrity(database.get()));
    database->exec("PRAGMA journal_mode = WAL");
    database->exec("PRAGMA synchronous = FULL");
    return database;
  });
  if (result.ok()) {
    const Status migrated = GuardSqlite("bring its file up to date", [&] { return Migrate(result->get()); });
    if (!migrated.ok()) return Annotate(migrated, path.string());
  }
  if (result.status().code() == StatusCode::kDataLoss) {
    return DataLoss("{}: damaged ({}); move it away to start without jobs, or put a backup in its place",
                    path.string(), std::string(result.status().message()));
  }
  if (!result.ok()) return Annotate(result.status(), path.string());
  return result;
}

}  // namespace m2tts
