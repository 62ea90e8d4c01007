// `m2ttsd --backup-jobs FILE`: a copy of the job store, whether a daemon uses it or not.
#pragma once

#include <filesystem>

#include "core/base/status.h"

namespace m2tts {

// Copies the store as it is at one moment. Writers go on meanwhile and wait for nothing; no lock of theirs is
// taken, and the store is not changed. `copy` becomes whole or stays as it was: a temporary file beside it is
// filled, checked, synced and renamed. It is one file (without the -wal of a store in use), its owner's alone
// to read. NOT_FOUND without a store, DATA_LOSS for a damaged one.
Status BackUpJobs(const std::filesystem::path& store, const std::filesystem::path& copy);

}  // namespace m2tts
