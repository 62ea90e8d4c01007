// What the services stand on. The daemon owns all of it; it outlives the gRPC server.
#pragma once

#include <chrono>

#include "server/config.h"
#include "server/ops/metrics.h"
#include "server/ops/server_state.h"
#include "server/rpc/call_tracker.h"
#include "server/synthesis/synthesis_engine.h"
#include "server/voices/text_settings.h"
#include "server/voices/voice_registry.h"

namespace m2tts {

class Governor;
class JobSystem;

struct ServerContext {
  const ServerConfig* config = nullptr;
  const VoiceRegistry* voices = nullptr;
  const TextSettings* text = nullptr;
  SynthesisEngine* engine = nullptr;
  CallTracker* calls = nullptr;
  Metrics* metrics = nullptr;
  const AtomicServerState* state = nullptr;
  std::chrono::system_clock::time_point start_time;
  JobSystem* jobs = nullptr;           // may be absent
  const Governor* governor = nullptr;  // likewise
};

}  // namespace m2tts
