// Mel spectrogram as librosa defines it (librosa.filters.mel with htk=False, norm="slaney").
#pragma once

#include <torch/torch.h>

#include "core/audio/audio_config.h"

namespace m2tts {

// float64 [n_mels, n_fft/2 + 1]: triangular filters on the Slaney scale, area-normalized.
torch::Tensor MelFilterbank(const AudioConfig& config);

// Log-mel extractor. Immutable after construction, so any thread may call it; runs in the
// dtype and on the device it was made for (float64 for features, float32 in losses).
class MelSpectrogram {
 public:
  MelSpectrogram(const AudioConfig& config, torch::Dtype dtype = torch::kFloat32,
                 torch::Device device = torch::kCPU);

  // wave: [B, N] in [-1, 1], N > n_fft/2 -> log-mel [B, n_mels, 1 + N / hop], natural log.
  // Differentiable.
  torch::Tensor operator()(const torch::Tensor& wave) const;

  // magnitude: [B, n_fft/2 + 1, T] -> log-mel [B, n_mels, T].
  torch::Tensor FromMagnitude(const torch::Tensor& magnitude) const;

 private:
  AudioConfig config_;
  torch::Tensor window_;
  torch::Tensor filters_;
};

}  // namespace m2tts
