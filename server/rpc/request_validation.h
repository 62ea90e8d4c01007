// Checks of requests, before anything is spent on them. Errors are INVALID_ARGUMENT or
// NOT_FOUND, and name the field and its limit (google.rpc.BadRequest).
#pragma once

#include <string>

#include "core/base/status.h"
#include "m2tts/v1/synthesizer.pb.h"
#include "server/synthesis/synthesis_request.h"
#include "server/voices/voice_registry.h"

namespace m2tts {

// Not empty, at most `max_bytes`, no control characters but tab, line feed, carriage return.
Status ValidateText(const std::string& text, int64_t max_bytes);

// The voice of that name, loaded or only known, or NOT_FOUND that lists what there is.
StatusOr<std::shared_ptr<const Voice>> FindVoice(const VoiceRegistry& voices, const std::string& name,
                                                 const std::string& field);

// Everything but arrival and deadline filled in, with defaults.
StatusOr<SynthesisRequest> ValidateRequest(const v1::SynthesizeRequest& request, const VoiceRegistry& voices,
                                           const TextSettings& text, const ServerConfig::Limits& limits,
                                           bool live = false);

// 1 to 1000; 0 means 100.
StatusOr<int> ValidatePageSize(int page_size);

}  // namespace m2tts
