// What the services stand on. The daemon owns all of it; it outlives the gRPC server.
#pragma once

#include <chrono>

#include "server/call_tracker.h"
#include "server/config.h"
#include "server/metrics.h"
#include "server/server_state.h"
#include "server/synthesis_engine.h"
#include "server/text_settings.h"
#include "server/voice_registry.h"

namespace m2tts {

struct ServerContext {
  const ServerConfig* config = nullptr;
  const VoiceRegistry* voices = nullptr;
  const TextSettings* text = nullptr;
  SynthesisEngine* engine = nullptr;
  CallTracker* calls = nullptr;
  Metrics* metrics = nullptr;
  const AtomicServerState* state = nullptr;
  std::chrono::system_clock::time_point start_time;
};

}  // namespace m2tts
