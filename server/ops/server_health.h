// Whether requests can be served, from what the daemon looks at every half second. What comes first in the
// list of states wins; a daemon that was deaf stays so until its process ends (open_files.h).
#pragma once

#include <chrono>
#include <optional>

#include "server/ops/server_state.h"

namespace m2tts {

// Pure. One thread.
class ServerHealth {
 public:
  struct Signs {
    bool device_stuck = false;   // it does not answer
    bool device_failed = false;  // and is being recovered
    bool files_left = true;      // for connections to come
  };

  // kStuck, kRecovering, kDeaf or kServing, if that has changed; serving at first.
  std::optional<ServerState> Look(const Signs& signs, std::chrono::steady_clock::time_point time);
  // Has not served for `patience`, in which the state could have ended by itself: what helps is a new
  // process.
  bool Hopeless(std::chrono::steady_clock::time_point now, std::chrono::duration<double> patience) const;

 private:
  ServerState state_ = ServerState::kServing;
  std::chrono::steady_clock::time_point served_;  // for the last time, when state_ is another
  bool deaf_ = false;
};

}  // namespace m2tts
