// Fundamental frequency by YIN (de Cheveigne & Kawahara 2002).
#pragma once

#include <vector>

#include "core/audio/audio_config.h"

namespace m2tts {

struct PitchOptions {
  double min_hz = 60.0;
  double max_hz = 500.0;
  double threshold = 0.15;  // of the cumulative mean normalized difference; above = unvoiced,
                            // unless a neighbouring frame is voiced and agrees (up to 0.35)
};

// F0 in Hz at each mel frame (frame t centred on sample t * hop): 1 + N / hop values,
// 0 where unvoiced. Uses an FFT for the difference function. Any thread.
std::vector<float> EstimatePitch(const std::vector<float>& wave, const AudioConfig& audio,
                                 const PitchOptions& options = {});

}  // namespace m2tts
