// What a reload takes over, each kind by itself: limits, limits of clients, log level, tokens, certificates,
// lexicons.
#pragma once

#include <memory>

#include "server/ops/reloader.h"
#include "server/security/authorizer.h"
#include "server/security/client_limits.h"
#include "server/security/tls_files.h"
#include "server/synthesis/synthesis_engine.h"
#include "server/voices/text_settings.h"
#include "server/voices/voice_registry.h"

namespace m2tts {

// All of it must outlive the reloader.
struct ReloadTargets {
  const ServerConfig* started_with = nullptr;
  SynthesisEngine* engine = nullptr;
  ClientLimits* client_limits = nullptr;
  Authorizer* authorizer = nullptr;
  std::shared_ptr<TlsFiles> tls;  // may be absent
  const TextSettings* text = nullptr;
  const VoiceRegistry* voices = nullptr;
};

void AddReloadParts(const ReloadTargets& targets, Reloader* reloader);

}  // namespace m2tts
