// Files: whole-file reads with a limit, atomic writes, read-only mappings.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "core/base/status.h"

namespace m2tts {

// Reads a whole regular file. NOT_FOUND, PERMISSION_DENIED, or RESOURCE_EXHAUSTED when it
// is longer than `max_bytes`; each names the path.
StatusOr<std::string> ReadFile(const std::filesystem::path& path, size_t max_bytes = size_t{1} << 30);

// Writes a temporary file beside `path`, fsyncs it, renames it over `path` and fsyncs the
// folder: a reader sees the old content or the new, never a part. Makes missing parent folders.
Status WriteFileAtomic(const std::filesystem::path& path, std::string_view content);

// Whether something, a folder, or a regular file is at `path`. What cannot be looked at is not there: no
// exception.
bool Exists(const std::filesystem::path& path);
bool IsFolder(const std::filesystem::path& path);
bool IsFile(const std::filesystem::path& path);

// Makes a folder and the missing ones above it; "" is the working directory. ALREADY_EXISTS when a file
// is in the way, else as ErrnoStatus.
Status MakeFolder(const std::filesystem::path& folder);

// The Status of a failed system call: "PATH: cannot ACTION: No space left on device". NOT_FOUND,
// PERMISSION_DENIED, RESOURCE_EXHAUSTED (no room, quota, file size limit, memory) or INTERNAL.
Status ErrnoStatus(const std::filesystem::path& path, const char* action, int error);

// fsyncs a folder, so that a rename or a new file in it survives a power cut.
Status SyncFolder(const std::filesystem::path& folder);

// A read-only, private memory mapping of a file. Immutable, so any thread may read it.
class MappedFile {
 public:
  static StatusOr<std::shared_ptr<const MappedFile>> Open(const std::filesystem::path& path);
  ~MappedFile();
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  std::string_view bytes() const { return {static_cast<const char*>(data_), size_}; }

 private:
  MappedFile(void* data, size_t size) : data_(data), size_(size) {}
  void* data_;
  size_t size_;
};

}  // namespace m2tts
