// SQLite through SQLiteCpp, without its exceptions: for the sources of the job store.
#pragma once

#include <SQLiteCpp/SQLiteCpp.h>
#include <sqlite3.h>

#include <string>

#include "core/base/mutex.h"
#include "core/base/status.h"

namespace m2tts {

inline constexpr int kBusyTimeoutMs = 5000;  // that a call waits for another connection

// SQLiteCpp reports by exceptions; they end here: "the job store cannot ACTION: ...". RESOURCE_EXHAUSTED when
// the disk is full, DATA_LOSS when the file is damaged, else INTERNAL. `function` may require a lock that the
// caller holds: it is called before this returns.
template <typename Function>
ABSL_NO_THREAD_SAFETY_ANALYSIS auto GuardSqlite(const char* action, Function function)
    -> decltype(function()) {
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

inline void BindBlob(SQLite::Statement* statement, int index, const std::string& bytes) {
  statement->bind(index, bytes.data(), static_cast<int>(bytes.size()));
}

template <typename Message>
Message ParseColumn(const SQLite::Column& column) {
  Message message;
  message.ParseFromArray(column.getBlob(), column.getBytes());
  return message;
}

// DATA_LOSS with what is wrong in the file.
inline Status CheckIntegrity(SQLite::Database* database) {
  const std::string found = database->execAndGet("PRAGMA quick_check").getString();
  return found == "ok" ? OkStatus() : DataLoss("{}", found);
}

// Prepared statements are kept: each use of one starts anew.
class StatementUse {
 public:
  explicit StatementUse(SQLite::Statement& statement) : statement_(statement) {
    statement_.reset();
    statement_.clearBindings();
  }
  ~StatementUse() { statement_.tryReset(); }
  SQLite::Statement* operator->() { return &statement_; }
  SQLite::Statement& operator*() { return statement_; }

 private:
  SQLite::Statement& statement_;
};

}  // namespace m2tts
