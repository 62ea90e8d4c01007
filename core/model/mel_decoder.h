// Frames of hidden states to log-mel: transformer blocks whose attention and convolutions
// see a bounded number of frames, so that a window of mel does not need the whole sentence.
#pragma once

#include <torch/torch.h>

#include "core/model/length_regulator.h"
#include "core/model/linear.h"
#include "core/model/model_config.h"
#include "core/model/transformer_block.h"

namespace m2tts {

class MelDecoderImpl : public torch::nn::Module {
 public:
  MelDecoderImpl(const ModelConfig& config, int64_t n_mels);

  // hidden: [B, F, hidden], position: [B, F, 3], or [B, F, 4 + n_mels] with frame_pitch (standardized
  // pitch and its HarmonicComb behind the place), mask: [B, F, 1] -> standardized mel
  // [B, F, n_mels] (M2TTSModel knows mean and deviation), zero where masked.
  torch::Tensor forward(const torch::Tensor& hidden, const torch::Tensor& position,
                        const torch::Tensor& mask);

  // The same in two parts, for streams: what works on each frame alone, [B, F, hidden], and the rest,
  // [n, hidden] per stream -> [m, n_mels].
  torch::Tensor Input(const torch::Tensor& hidden, const torch::Tensor& position);
  PackedStep::Rows Stream(PackedStep* step, const PackedStep::Rows& input);

  void set_recompute(bool recompute) { recompute_ = recompute; }

 private:
  Linear position_{nullptr};
  Linear pitch_{nullptr};  // only with frame_pitch
  torch::nn::ModuleList blocks_{nullptr};
  torch::nn::LayerNorm norm_{nullptr};
  Linear out_{nullptr};
  bool recompute_ = false;
};
TORCH_MODULE(MelDecoder);

}  // namespace m2tts
