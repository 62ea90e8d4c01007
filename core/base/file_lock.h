// A lock that one process holds on a folder's behalf, by flock(2): the system lets go of it when
// the process ends, however it ends.
#pragma once

#include <filesystem>
#include <utility>

#include "core/base/status.h"

namespace m2tts {

// Held while it lives. The file stays behind, empty of meaning; it holds the owner's process id.
class FileLock {
 public:
  // Makes `path` (and missing parent folders). FAILED_PRECONDITION, with the owner's process id,
  // when another process, or another FileLock of this one, holds it.
  static StatusOr<FileLock> Acquire(const std::filesystem::path& path);
  ~FileLock();
  FileLock(FileLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  FileLock& operator=(FileLock&&) = delete;

 private:
  explicit FileLock(int fd) : fd_(fd) {}
  int fd_;
};

}  // namespace m2tts
