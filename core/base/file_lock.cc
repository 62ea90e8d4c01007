#include "core/base/file_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "core/base/file.h"

namespace m2tts {
namespace {

// Whoever waits for the lock may like to know whom it waits for; the lock holds without it.
void WriteOwner(int fd) {
  const std::string text = fmt::format("{}\n", ::getpid());
  if (::ftruncate(fd, 0) != 0) return;
  [[maybe_unused]] const ssize_t written = ::pwrite(fd, text.data(), text.size(), 0);
}

std::string ReadOwner(const std::filesystem::path& path) {
  const auto text = ReadFile(path, 64);
  const std::string pid = text.ok() ? text->substr(0, text->find('\n')) : "";
  const bool number = !pid.empty() && pid.find_first_not_of("0123456789") == std::string::npos;
  return number ? "process " + pid : "another process";
}

}  // namespace

StatusOr<FileLock> FileLock::Acquire(const std::filesystem::path& path) {
  M2TTS_RETURN_IF_ERROR(MakeFolder(path.parent_path()));
  FileLock lock(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644));
  if (lock.fd_ < 0) return ErrnoStatus(path, "open", errno);
  if (::flock(lock.fd_, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return ErrnoStatus(path, "lock", errno);
    return Errorf(StatusCode::kFailedPrecondition, "{}: held by {}", path.string(), ReadOwner(path));
  }
  WriteOwner(lock.fd_);
  return lock;
}

FileLock::~FileLock() {
  if (fd_ >= 0) ::close(fd_);
}

}  // namespace m2tts
