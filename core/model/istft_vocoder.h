// The default vocoder: ConvNeXt blocks at frame rate, then log-magnitude and phase of
// every bin, then the inverse STFT (Vocos, Siuzdak 2023). All learned work happens 86
// times a second instead of 22 050 times.
#pragma once

#include "core/model/layers.h"
#include "core/model/vocoder.h"

namespace m2tts {

// Depthwise convolution, norm, two pointwise layers, scaled residual (Liu et al. 2022).
class ConvNextBlockImpl : public torch::nn::Module {
 public:
  ConvNextBlockImpl(int64_t channels, int64_t expanded, int64_t kernel, double layer_scale);
  torch::Tensor forward(const torch::Tensor& x);  // [B, F, channels] -> same

 private:
  DepthwiseConv depthwise_{nullptr};
  torch::nn::LayerNorm norm_{nullptr};
  torch::nn::Linear in_{nullptr};
  torch::nn::Linear out_{nullptr};
  torch::Tensor scale_;  // [channels]
};
TORCH_MODULE(ConvNextBlock);

class IstftVocoder : public Vocoder {
 public:
  IstftVocoder(const VocoderConfig& config, const AudioConfig& audio);
  using Vocoder::forward;
  torch::Tensor forward(const torch::Tensor& log_mel, const torch::Tensor& mask) override;
  bool TakesMask() const override { return true; }
  int64_t context_frames() const override;
  double FlopPerFrame() const override;

 private:
  const VocoderConfig config_;
  const AudioConfig audio_;
  TimeConv in_{nullptr};
  torch::nn::LayerNorm in_norm_{nullptr};
  torch::nn::ModuleList blocks_{nullptr};
  torch::nn::LayerNorm out_norm_{nullptr};
  torch::nn::Linear head_{nullptr};  // log-magnitudes, then phases
  torch::Tensor window_;             // [n_fft], not stored in voices
};

}  // namespace m2tts
