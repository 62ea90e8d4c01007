#include "server/ops/server_health.h"

#include <utility>

namespace m2tts {

std::optional<ServerState> ServerHealth::Look(const Signs& signs) {
  deaf_ = deaf_ || !signs.files_left;
  const ServerState now = signs.device_stuck    ? ServerState::kStuck
                          : signs.device_failed ? ServerState::kRecovering
                          : deaf_               ? ServerState::kDeaf
                                                : ServerState::kServing;
  if (std::exchange(state_, now) == now) return std::nullopt;
  return now;
}

}  // namespace m2tts
