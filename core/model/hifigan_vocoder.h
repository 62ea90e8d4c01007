// Upsampling vocoder: transposed convolutions, each followed by blocks of several
// receptive fields whose outputs are averaged (HiFi-GAN, Kong et al. 2020), in the light
// form of the reference project.
#pragma once

#include "core/model/vocoder.h"

namespace m2tts {

class HifiganVocoder : public Vocoder {
 public:
  HifiganVocoder(const VocoderConfig& config, const AudioConfig& audio);
  using Vocoder::forward;
  torch::Tensor forward(const torch::Tensor& log_mel, const torch::Tensor& mask) override;
  int64_t context_frames() const override;
  double FlopPerFrame() const override;

 private:
  const VocoderConfig config_;
  const AudioConfig audio_;
  torch::nn::Conv1d in_{nullptr};
  torch::nn::ModuleList upsamplers_{nullptr};
  torch::nn::ModuleList resblocks_{nullptr};  // per stage, per kernel: dilations in sequence
  torch::nn::Conv1d out_{nullptr};
};

}  // namespace m2tts
