// The path of a Unix socket before and after gRPC binds it.
#pragma once

#include <sys/types.h>

#include <string>

#include "core/base/status.h"

namespace m2tts {

// Removes a socket that nobody listens on any more. ALREADY_EXISTS when somebody does, or when the path
// is no socket. (gRPC would take the path away from a daemon that runs.)
Status ClearStaleSocket(const std::string& path);

// "owner" 0600, "group" 0660, "everyone" 0666.
mode_t SocketMode(const std::string& unix_access);

// While it lives, new files of this process have no more than `mode`: a socket is never open to
// others between bind and chmod. For the start of the program, when no other thread makes files.
class ScopedUmask {
 public:
  explicit ScopedUmask(mode_t mode);
  ~ScopedUmask();
  ScopedUmask(const ScopedUmask&) = delete;
  ScopedUmask& operator=(const ScopedUmask&) = delete;

 private:
  const mode_t previous_;
};

}  // namespace m2tts
