// Whether the daemon starts, serves or drains. Any thread may read it.
#pragma once

#include <atomic>
#include <cstdint>

namespace m2tts {

enum class ServerState : uint8_t { kStarting, kServing, kDraining };

using AtomicServerState = std::atomic<ServerState>;

}  // namespace m2tts
