// JobStore, the part about what is kept.
#include <SQLiteCpp/SQLiteCpp.h>

#include "server/jobs/job_store.h"
#include "server/jobs/sqlite_helpers.h"

namespace m2tts {

Status JobStore::Thin(const char* sql, int64_t number, int kind, int64_t keep) {
  MutexLock lock(&mutex_);
  return GuardSqlite("thin out events", [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) -> Status {
    int64_t newest_not_kept = 0;
    {
      StatementUse select(
          Prepared("SELECT sequence FROM events WHERE job = ? AND kind = ? ORDER BY sequence DESC "
                   "LIMIT 1 OFFSET ?"));
      select->bind(1, number);
      select->bind(2, kind);
      select->bind(3, keep);
      if (!select->executeStep()) return OkStatus();
      newest_not_kept = select->getColumn(0).getInt64();
    }
    StatementUse erase(Prepared(sql));
    erase->bind(1, number);
    erase->bind(2, kind);
    erase->bind(3, newest_not_kept);
    erase->exec();
    return OkStatus();
  });
}

Status JobStore::ThinProgress(int64_t number, int64_t keep) {
  return Thin("DELETE FROM events WHERE job = ? AND kind = ? AND sequence <= ? AND sequence % 16 != 0",
              number, static_cast<int>(v1::JobEvent::kProgress), keep);
}

Status JobStore::ThinLog(int64_t number, int64_t keep) {
  return Thin("DELETE FROM events WHERE job = ? AND kind = ? AND sequence <= ?", number,
              static_cast<int>(v1::JobEvent::kLogLine), keep);
}

StatusOr<bool> JobStore::DropEvents(int64_t number, int limit) {
  MutexLock lock(&mutex_);
  return GuardSqlite("delete events", [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) -> StatusOr<bool> {
    StatementUse erase(
        Prepared("DELETE FROM events WHERE job = ?1 AND sequence IN (SELECT sequence FROM events "
                 "WHERE job = ?1 AND kind != ?2 ORDER BY sequence LIMIT ?3)"));
    erase->bind(1, number);
    erase->bind(2, static_cast<int>(v1::JobEvent::kTransition));
    erase->bind(3, limit);
    return erase->exec() == limit;
  });
}

StatusOr<std::vector<EndedJob>> JobStore::Ended(const EndedJob& after, double before, int limit) {
  MutexLock lock(&mutex_);
  using Result = StatusOr<std::vector<EndedJob>>;
  return GuardSqlite("list ended jobs", [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) -> Result {
    std::vector<EndedJob> ended;
    StatementUse select(
        Prepared("SELECT end_time, number, id FROM jobs WHERE (end_time, number) > (?, ?) AND end_time < ? "
                 "ORDER BY end_time, number LIMIT ?"));
    select->bind(1, after.end_time);
    select->bind(2, after.number);
    select->bind(3, before);
    select->bind(4, limit);
    while (select->executeStep()) {
      ended.push_back({select->getColumn(0).getDouble(), select->getColumn(1).getInt64(),
                       select->getColumn(2).getString()});
    }
    return ended;
  });
}

StatusOr<bool> JobStore::HasPublished(const std::string& id) {
  MutexLock lock(&mutex_);
  return GuardSqlite("look for a version of a voice",
                     [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) -> StatusOr<bool> {
                       StatementUse select(Prepared("SELECT 1 FROM publications WHERE job = ? LIMIT 1"));
                       select->bind(1, id);
                       return select->executeStep();
                     });
}

}  // namespace m2tts
