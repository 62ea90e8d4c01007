// What the services stand on. The daemon owns all of it; it outlives the gRPC server.
#pragma once

#include <chrono>

#include "server/base/config_handle.h"
#include "server/ops/metrics.h"
#include "server/ops/reloader.h"
#include "server/ops/server_state.h"
#include "server/rpc/call_tracker.h"
#include "server/synthesis/synthesis_engine.h"
#include "server/synthesis/worker_pool.h"
#include "server/voices/text_settings.h"
#include "server/voices/voice_registry.h"

namespace m2tts {

class Governor;
class JobSystem;

struct ServerContext {
  ConfigHandle config;
  VoiceRegistry* voices = nullptr;
  const TextSettings* text = nullptr;
  SynthesisEngine* engine = nullptr;
  CallTracker* calls = nullptr;
  Metrics* metrics = nullptr;
  const AtomicServerState* state = nullptr;
  ClientLimits* client_limits = nullptr;
  Reloader* reloader = nullptr;
  // One thread for what administrators ask for: it waits for the device and reads files.
  WorkerPool* control = nullptr;
  std::chrono::system_clock::time_point start_time;
  JobSystem* jobs = nullptr;           // may be absent
  const Governor* governor = nullptr;  // likewise
};

}  // namespace m2tts
