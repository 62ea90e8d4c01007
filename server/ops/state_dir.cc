#include "server/ops/state_dir.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <system_error>

namespace m2tts {

StatusOr<std::unique_ptr<StateDir>> StateDir::Lock(const std::filesystem::path& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error) {
    return Errorf(StatusCode::kPermissionDenied, "state_dir {}: {}", path.string(), error.message());
  }
  const std::filesystem::path lock = path / "lock";
  const int file = open(lock.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0) {
    return Errorf(StatusCode::kPermissionDenied, "state_dir: cannot write {}: {}", lock.string(),
                  std::strerror(errno));
  }
  if (flock(file, LOCK_EX | LOCK_NB) != 0) {
    close(file);
    return Errorf(StatusCode::kFailedPrecondition,
                  "state_dir {} is used by another m2ttsd; give each its own with --state-dir",
                  path.string());
  }
  return std::unique_ptr<StateDir>(new StateDir(file));
}

StateDir::~StateDir() {
  close(lock_file_);
}

}  // namespace m2tts
