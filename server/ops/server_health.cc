#include "server/ops/server_health.h"

#include <utility>

namespace m2tts {

std::optional<ServerState> ServerHealth::Look(const Signs& signs,
                                              std::chrono::steady_clock::time_point time) {
  deaf_ = deaf_ || !signs.files_left;
  const ServerState now = signs.device_stuck    ? ServerState::kStuck
                          : signs.device_failed ? ServerState::kRecovering
                          : deaf_               ? ServerState::kDeaf
                                                : ServerState::kServing;
  if (state_ == ServerState::kServing) served_ = time;
  if (std::exchange(state_, now) == now) return std::nullopt;
  return now;
}

bool ServerHealth::Hopeless(std::chrono::steady_clock::time_point now,
                            std::chrono::duration<double> patience) const {
  return state_ != ServerState::kServing && now - served_ >= patience;
}

}  // namespace m2tts
