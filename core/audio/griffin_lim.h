// Griffin-Lim phase reconstruction (Griffin & Lim 1984), in its fast form with momentum
// (Perraudin et al. 2013): the vocoder without weights.
#pragma once

#include <torch/torch.h>

#include "core/audio/audio_config.h"

namespace m2tts {

struct GriffinLimOptions {
  int iterations = 32;     // each costs one STFT and one inverse
  double momentum = 0.99;  // 0 gives the classical algorithm
};

// log_mel: float [B, n_mels, T], natural log -> wave [B, T * hop]. Starts from phases that
// depend only on the shape, so that equal input gives equal output. Any thread.
torch::Tensor GriffinLim(const torch::Tensor& log_mel, const AudioConfig& config,
                         const GriffinLimOptions& options = {});

}  // namespace m2tts
