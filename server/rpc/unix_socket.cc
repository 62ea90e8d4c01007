#include "server/rpc/unix_socket.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "core/base/file.h"

namespace m2tts {
namespace {

bool SomebodyListens(const std::string& path) {
  const int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  if (fd < 0) return false;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path.c_str(), sizeof(address.sun_path) - 1);
  const int result = connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address));
  const int error = errno;
  close(fd);
  // Anything but a refusal may be somebody who is busy.
  return result == 0 || error != ECONNREFUSED;
}

}  // namespace

Status ClearStaleSocket(const std::string& path) {
  struct stat info {};
  if (lstat(path.c_str(), &info) != 0) {
    return errno == ENOENT ? OkStatus() : ErrnoStatus(path, "look at the Unix socket", errno);
  }
  if (!S_ISSOCK(info.st_mode)) {
    return Errorf(StatusCode::kAlreadyExists, "cannot listen on unix:{}: there is a file that is no socket",
                  path);
  }
  if (SomebodyListens(path)) {
    return Errorf(StatusCode::kAlreadyExists, "cannot listen on unix:{}: another process does", path);
  }
  if (unlink(path.c_str()) != 0 && errno != ENOENT) return ErrnoStatus(path, "remove the old socket", errno);
  return OkStatus();
}

mode_t SocketMode(const std::string& unix_access) {
  if (unix_access == "everyone") return 0666;
  return unix_access == "group" ? 0660 : 0600;
}

ScopedUmask::ScopedUmask(mode_t mode) : previous_(umask(0777 & ~mode)) {}

ScopedUmask::~ScopedUmask() {
  umask(previous_);
}

}  // namespace m2tts
