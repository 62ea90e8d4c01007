// The golden sentence: the first that a voice speaks, so that the first request does not pay for it, and the
// one that tells whether a device which has failed can be trusted again.
#pragma once

#include "core/base/status.h"
#include "core/text/frontend.h"
#include "server/voices/voice.h"

namespace m2tts {

struct WarmUp {
  double device_seconds = 0.0;  // of the second, warm time
  double audio_seconds = 0.0;
};

// Speaks the sentence twice. INTERNAL when that makes no audio, or not-a-number. Device thread.
StatusOr<WarmUp> WarmUpVoice(const Voice& voice, const TextFrontend& frontend);

}  // namespace m2tts
