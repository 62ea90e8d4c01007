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

// Speaks the sentence twice, and then in batches of 2, 4, ... and `max_batch`, unless that is 1: a GPU's
// libraries prepare kernels for each shape that they have not seen. Where memory ends, so do the batches.
// INTERNAL when there is no audio, or not-a-number. Device thread.
StatusOr<WarmUp> WarmUpVoice(const Voice& voice, const TextFrontend& frontend, int max_batch);

}  // namespace m2tts
