#include "core/base/file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <system_error>

namespace m2tts {
namespace {

namespace fs = std::filesystem;

StatusCode CodeOfErrno(int error) {
  switch (error) {
    case ENOENT:
    case ENOTDIR:
      return StatusCode::kNotFound;
    case EACCES:
    case EPERM:
    case EROFS:
      return StatusCode::kPermissionDenied;
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
    case EMFILE:
    case ENFILE:
    case ENOMEM:
      return StatusCode::kResourceExhausted;
    default:
      return StatusCode::kInternal;
  }
}

// An open file descriptor, closed at the end of its scope.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  int get() const { return fd_; }
  // Closes early, so that a late write error is seen.
  int Close() {
    const int result = ::close(fd_);
    fd_ = -1;
    return result;
  }

 private:
  int fd_;
};

// The size of the open regular file `fd`. O_NONBLOCK at the open keeps a FIFO from hanging us.
StatusOr<size_t> RegularFileSize(int fd, const fs::path& path) {
  struct stat info;
  if (::fstat(fd, &info) != 0) return ErrnoStatus(path, "stat", errno);
  if (!S_ISREG(info.st_mode)) return InvalidArgument("{}: not a regular file", path.string());
  return static_cast<size_t>(info.st_size);
}

Status WriteAll(int fd, std::string_view content, const fs::path& path) {
  while (!content.empty()) {
    const ssize_t written = ::write(fd, content.data(), content.size());
    if (written < 0) {
      if (errno == EINTR) continue;
      return ErrnoStatus(path, "write", errno);
    }
    content.remove_prefix(static_cast<size_t>(written));
  }
  return OkStatus();
}

// Writes, syncs and closes the temporary file, and gives it the usual mode (mkstemp's is 0600).
Status FillTemporary(int raw_fd, std::string_view content, const fs::path& path) {
  Descriptor fd(raw_fd);
  M2TTS_RETURN_IF_ERROR(WriteAll(fd.get(), content, path));
  if (::fchmod(fd.get(), 0644) != 0) return ErrnoStatus(path, "chmod", errno);
  if (::fsync(fd.get()) != 0) return ErrnoStatus(path, "fsync", errno);
  if (fd.Close() != 0) return ErrnoStatus(path, "close", errno);
  return OkStatus();
}

}  // namespace

Status ErrnoStatus(const fs::path& path, const char* action, int error) {
  return Errorf(CodeOfErrno(error), "{}: cannot {}: {}", path.string(), action,
                std::generic_category().message(error));
}

StatusOr<std::string> ReadFile(const fs::path& path, size_t max_bytes) {
  Descriptor fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (fd.get() < 0) return ErrnoStatus(path, "open", errno);
  M2TTS_ASSIGN_OR_RETURN(const size_t size, RegularFileSize(fd.get(), path));
  const auto too_long = [&](size_t bytes) {
    return Errorf(StatusCode::kResourceExhausted, "{}: {} bytes or more, the limit is {}", path.string(),
                  bytes, max_bytes);
  };
  if (size > max_bytes) return too_long(size);
  // Read until the end, not until `size`: files in /proc say 0, and a file may grow meanwhile.
  std::string content;
  content.resize(size + 1);
  size_t length = 0;
  while (true) {
    if (length == content.size()) content.resize(2 * length);
    const ssize_t got = ::read(fd.get(), content.data() + length, content.size() - length);
    if (got < 0) {
      if (errno == EINTR) continue;
      return ErrnoStatus(path, "read", errno);
    }
    if (got == 0) break;
    length += static_cast<size_t>(got);
    if (length > max_bytes) return too_long(length);
  }
  content.resize(length);
  return content;
}

Status WriteFileAtomic(const fs::path& path, std::string_view content) {
  if (path.filename().empty()) return InvalidArgument("{}: not a file name", path.string());
  const fs::path folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
  M2TTS_RETURN_IF_ERROR(MakeFolder(folder));
  std::string temporary = (folder / ("." + path.filename().string() + ".XXXXXX")).string();
  const int fd = ::mkstemp(temporary.data());
  if (fd < 0) return ErrnoStatus(path, "make a temporary file beside it", errno);
  Status status = FillTemporary(fd, content, path);
  if (status.ok() && ::rename(temporary.c_str(), path.c_str()) != 0) {
    status = ErrnoStatus(path, "rename a temporary file to it", errno);
  }
  if (!status.ok()) {
    ::unlink(temporary.c_str());
    return status;
  }
  return SyncFolder(folder);
}

bool Exists(const fs::path& path) {
  std::error_code error;
  return fs::exists(path, error);
}

bool IsFolder(const fs::path& path) {
  std::error_code error;
  return fs::is_directory(path, error);
}

bool IsFile(const fs::path& path) {
  std::error_code error;
  return fs::is_regular_file(path, error);
}

Status MakeFolder(const fs::path& folder) {
  if (folder.empty()) return OkStatus();
  std::error_code error;
  fs::create_directories(folder, error);
  if (!error) return OkStatus();
  const Status failed = ErrnoStatus(folder, "make the folder", error.value());
  // A file in the way of a folder: nothing is missing that somebody should bring.
  return absl::IsNotFound(failed) ? Errorf(StatusCode::kAlreadyExists, "{}", std::string(failed.message()))
                                  : failed;
}

Status SyncFolder(const fs::path& folder) {
  Descriptor fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (fd.get() < 0) return ErrnoStatus(folder, "open", errno);
  if (::fsync(fd.get()) != 0) return ErrnoStatus(folder, "fsync", errno);
  return OkStatus();
}

StatusOr<std::shared_ptr<const MappedFile>> MappedFile::Open(const fs::path& path) {
  Descriptor fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (fd.get() < 0) return ErrnoStatus(path, "open", errno);
  M2TTS_ASSIGN_OR_RETURN(const size_t size, RegularFileSize(fd.get(), path));
  // mmap refuses a length of 0; an empty file is an empty mapping.
  if (size == 0) return std::shared_ptr<const MappedFile>(new MappedFile(nullptr, 0));
  void* data = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, fd.get(), 0);
  if (data == MAP_FAILED) return ErrnoStatus(path, "map", errno);
  return std::shared_ptr<const MappedFile>(new MappedFile(data, size));
}

MappedFile::~MappedFile() {
  if (data_ != nullptr) ::munmap(data_, size_);
}

}  // namespace m2tts
