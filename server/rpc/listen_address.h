// HOST:PORT of a listening socket.
#pragma once

#include <string>

#include "core/base/status.h"

namespace m2tts {

struct ListenAddress {
  std::string host;  // without brackets
  int port = 0;      // 0: any free port

  bool IsLoopback() const;       // 127.0.0.0/8, ::1 or localhost
  std::string ToString() const;  // "[::1]:50551"
};

// "127.0.0.1:50551", "localhost:0", "[::1]:50551". INVALID_ARGUMENT says what is wrong.
StatusOr<ListenAddress> ParseListenAddress(const std::string& text);

// Refuses an address that other machines can reach, unless `insecure_public`: there is no
// TLS and no authentication yet. `what` names the setting.
Status CheckReachable(const ListenAddress& address, bool insecure_public, const std::string& what);

}  // namespace m2tts
