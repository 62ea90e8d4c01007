// JobStore, the part about published versions of voices.
#include <SQLiteCpp/SQLiteCpp.h>

#include "server/jobs/job_store.h"
#include "server/jobs/sqlite_helpers.h"

namespace m2tts {

StatusOr<int64_t> JobStore::AddPublication(const std::string& voice, const std::string& job_id, double time) {
  MutexLock lock(&mutex_);
  return GuardSqlite(
      "add a version of a voice", [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) -> StatusOr<int64_t> {
        SQLite::Transaction transaction(*database_);
        int64_t version = 0;
        {
          StatementUse select(
              Prepared("SELECT COALESCE(MAX(version), 0) + 1 FROM publications WHERE voice = ?"));
          select->bind(1, voice);
          select->executeStep();
          version = select->getColumn(0).getInt64();
        }
        {
          StatementUse update(Prepared("UPDATE publications SET active = 0 WHERE voice = ?"));
          update->bind(1, voice);
          update->exec();
        }
        {
          StatementUse insert(
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
  return GuardSqlite("read the versions of a voice", [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) -> Result {
    std::vector<VoicePublication> versions;
    StatementUse select(
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
  return GuardSqlite("change the version of a voice", [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) -> Status {
    StatementUse update(Prepared("UPDATE publications SET active = (version = ?) WHERE voice = ?"));
    update->bind(1, version);
    update->bind(2, voice);
    update->exec();
    return OkStatus();
  });
}

}  // namespace m2tts
