// Where the harmonics of a pitch lie in a mel spectrum: what a decoder can hardly work out from
// a number, and needs to draw them sharply.
#pragma once

#include <torch/torch.h>

#include "core/audio/audio_config.h"

namespace m2tts {

// Immutable; any thread may call it.
class HarmonicComb {
 public:
  explicit HarmonicComb(const AudioConfig& audio);

  // log_hertz: [B, F], ln F0 -> [B, F, n_mels]: cos(2 pi f / F0) at the centre f of each band,
  // which is 1 on a harmonic and -1 between two, faded as the width of band and analysis window
  // smooths it away.
  torch::Tensor operator()(const torch::Tensor& log_hertz) const;

 private:
  torch::Tensor centres_;  // [n_mels], Hz
  torch::Tensor spreads_;  // [n_mels], Hz: standard deviation of what a band sees
};

}  // namespace m2tts
