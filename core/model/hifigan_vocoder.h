// Upsampling vocoder: transposed convolutions, each followed by blocks of several
// receptive fields whose outputs are averaged (HiFi-GAN, Kong et al. 2020), in the light
// form of the reference project.
#pragma once

#include <vector>

#include "core/model/vocoder.h"

namespace m2tts {

class HifiganVocoder : public Vocoder {
 public:
  HifiganVocoder(const VocoderConfig& config, const AudioConfig& audio);
  torch::Tensor forward(const torch::Tensor& log_mel) override;
  int64_t context_frames() const override;
  double FlopPerFrame() const override;

 private:
  // One stage, [B, C, N] -> [B, C / 2, N * factor], and what learns in it.
  torch::Tensor Upsample(size_t stage, const torch::Tensor& input);
  std::vector<torch::Tensor> StageParameters(size_t stage);
  size_t BlocksPerStage() const { return config_.resblock_kernels.size() * config_.resblock_dilations; }

  const VocoderConfig config_;
  const AudioConfig audio_;
  torch::nn::Conv1d in_{nullptr};
  torch::nn::ModuleList upsamplers_{nullptr};
  torch::nn::ModuleList resblocks_{nullptr};  // per stage, per kernel: dilations in sequence
  torch::nn::Conv1d out_{nullptr};
};

}  // namespace m2tts
