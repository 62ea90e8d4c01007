// Where a socket listens: HOST:PORT, or unix:/PATH for a Unix socket.
#pragma once

#include <string>
#include <vector>

#include "core/base/status.h"

namespace m2tts {

struct ListenAddress {
  std::string host;  // without brackets; empty for a Unix socket
  int port = 0;      // 0: any free port
  std::string path;  // of a Unix socket, absolute

  bool IsUnix() const { return !path.empty(); }
  bool IsLoopback() const;  // 127.0.0.0/8, ::1 or localhost
  // Whether only this machine can reach it.
  bool IsLocal() const { return IsUnix() || IsLoopback(); }
  std::string ToString() const;  // "[::1]:50551", "unix:/run/m2ttsd.sock"
};

// "127.0.0.1:50551", "localhost:0", "[::1]:50551", "unix:/run/m2ttsd.sock". INVALID_ARGUMENT says what is
// wrong.
StatusOr<ListenAddress> ParseListenAddress(const std::string& text);

// One or several of them, with commas between.
StatusOr<std::vector<ListenAddress>> ParseListenAddresses(const std::string& text);

// Refuses an address that other machines can reach, unless `allowed`. `what` names the setting,
// `remedy` says what would allow it.
Status CheckReachable(const ListenAddress& address, bool allowed, const std::string& what,
                      const std::string& remedy);

}  // namespace m2tts
