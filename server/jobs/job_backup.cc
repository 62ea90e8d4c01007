#include "server/jobs/job_backup.h"

#include <SQLiteCpp/Backup.h>
#include <stdlib.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <system_error>

#include "core/base/file.h"
#include "server/jobs/sqlite_helpers.h"

namespace m2tts {
namespace {

namespace fs = std::filesystem;

Status CopyPages(const fs::path& store, const std::string& copy) {
  return GuardSqlite("make a backup", [&]() -> Status {
    SQLite::Database from(store.string(), SQLite::OPEN_READONLY, kBusyTimeoutMs);
    SQLite::Database to(copy, SQLite::OPEN_READWRITE, kBusyTimeoutMs);
    // All pages in one step are one transaction that reads: of one moment, and no writer makes it start
    // again.
    if (SQLite::Backup(to, from).executeStep() != SQLITE_DONE) {
      return Errorf(StatusCode::kUnavailable, "the job store is busy; try again");
    }
    to.exec("PRAGMA journal_mode = DELETE");  // WAL came with the pages, and would want files beside
    return CheckIntegrity(&to);
  });
}

}  // namespace

Status BackUpJobs(const fs::path& store, const fs::path& copy) {
  std::error_code error;
  if (!fs::exists(store, error)) {
    return NotFound("{}: no such job store; name the daemon's folder by --state-dir", store.string());
  }
  if (copy.filename().empty()) return InvalidArgument("{}: not a file name", copy.string());
  if (fs::equivalent(store, copy, error))
    return InvalidArgument("{}: is the job store itself", copy.string());
  const fs::path folder = copy.has_parent_path() ? copy.parent_path() : fs::path(".");
  M2TTS_RETURN_IF_ERROR(MakeFolder(folder));
  std::string temporary = (folder / ("." + copy.filename().string() + ".XXXXXX")).string();
  const int fd = ::mkstemp(temporary.data());
  if (fd < 0) return ErrnoStatus(copy, "make a temporary file beside it", errno);
  Status status = Annotate(CopyPages(store, temporary), store.string());
  if (status.ok() && ::fsync(fd) != 0) status = ErrnoStatus(copy, "fsync", errno);
  ::close(fd);  // after SQLite's connection: a close lets go of a process's locks on a file
  if (status.ok() && ::rename(temporary.c_str(), copy.c_str()) != 0) {
    status = ErrnoStatus(copy, "rename a temporary file to it", errno);
  }
  if (status.ok()) return SyncFolder(folder);
  for (const char* suffix : {"", "-journal", "-wal", "-shm"}) fs::remove(temporary + suffix, error);
  return status;
}

}  // namespace m2tts
