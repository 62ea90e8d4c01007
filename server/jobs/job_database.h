// The file of the job store: its schema, and how it is opened.
#pragma once

#include <filesystem>
#include <memory>

#include "core/base/status.h"

namespace SQLite {
class Database;
}  // namespace SQLite

namespace m2tts {

// Opens or makes the file, checks its integrity and brings its schema up to date. DATA_LOSS for a damaged
// file, FAILED_PRECONDITION for one of a later version; both say what to do.
StatusOr<std::unique_ptr<SQLite::Database>> OpenJobDatabase(const std::filesystem::path& path);

}  // namespace m2tts
