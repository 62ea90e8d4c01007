// Whether the daemon starts, serves, drains, waits for a device that does not answer or has failed, or takes
// no more connections. Any thread may read it.
#pragma once

#include <atomic>
#include <cstdint>

namespace m2tts {

enum class ServerState : uint8_t { kStarting, kServing, kDraining, kStuck, kRecovering, kDeaf };

using AtomicServerState = std::atomic<ServerState>;

}  // namespace m2tts
