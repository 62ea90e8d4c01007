// The default vocoder: ConvNeXt blocks at frame rate, then log-magnitude and phase of
// every bin, then the inverse STFT (Vocos, Siuzdak 2023). All learned work happens 86
// times a second instead of 22 050 times.
#pragma once

#include "core/model/layers.h"
#include "core/model/linear.h"
#include "core/model/vocoder.h"

namespace m2tts {

// Depthwise convolution, norm, two pointwise layers, scaled residual (Liu et al. 2022).
class ConvNextBlockImpl : public torch::nn::Module {
 public:
  ConvNextBlockImpl(int64_t channels, int64_t expanded, int64_t kernel, double layer_scale);
  torch::Tensor forward(const torch::Tensor& x);  // [B, F, channels] -> same
  int64_t reach() const { return depthwise_->reach(); }

 private:
  DepthwiseConv depthwise_{nullptr};
  torch::nn::LayerNorm norm_{nullptr};
  Linear in_{nullptr};
  Linear out_{nullptr};
  torch::Tensor scale_;  // [channels]
};
TORCH_MODULE(ConvNextBlock);

class IstftVocoder : public Vocoder {
 public:
  IstftVocoder(const VocoderConfig& config, const AudioConfig& audio);
  torch::Tensor forward(const torch::Tensor& log_mel) override;
  int64_t context_frames() const override;
  bool streams() const override { return true; }
  PackedStep::Rows Stream(PackedStep* step, const PackedStep::Rows& log_mel) override;
  double FlopPerFrame() const override;

 private:
  torch::Tensor Enter(const torch::Tensor& scaled);  // [B, F, n_mels] -> [B, F, hidden]
  // Spectrum and inverse transform of each frame, times the window: [B, F, hidden] -> [B, F, n_fft].
  torch::Tensor Frames(const torch::Tensor& hidden);
  // Overlap-add: [B, F, n_fft] -> [B, F, hop]. energy: the sum of squared windows there, of Energy.
  torch::Tensor Join(const torch::Tensor& frames, const torch::Tensor& energy) const;
  // mask: [1, F, 1], zero where there is no frame; undefined: nowhere -> [1, F, hop].
  torch::Tensor Energy(int64_t count, const torch::Tensor& mask, const torch::Device& device) const;

  const VocoderConfig config_;
  const AudioConfig audio_;
  TimeConv in_{nullptr};
  torch::nn::LayerNorm in_norm_{nullptr};
  torch::nn::ModuleList blocks_{nullptr};
  torch::nn::LayerNorm out_norm_{nullptr};
  Linear head_{nullptr};        // log-magnitudes, then phases
  torch::Tensor window_;        // [n_fft], not stored in voices
  torch::Tensor inner_energy_;  // [1, 1, hop] of frames that have all neighbours
};

}  // namespace m2tts
