// Multi-head self-attention with a learned bias per head and relative position, over the
// whole sequence or over a bounded number of neighbours.
//
// Scaled dot product of Vaswani et al. 2017; relative bias of Raffel et al. 2020 (T5),
// clipped instead of bucketed. No absolute position, so that a window of a sequence gives
// what the whole sequence gives.
#pragma once

#include <torch/torch.h>

#include "core/model/linear.h"

namespace m2tts {

class SelfAttentionImpl : public torch::nn::Module {
 public:
  // reach: positions seen on each side; -1 = all (the bias is then clipped at kFarthest).
  SelfAttentionImpl(int64_t channels, int64_t heads, int64_t reach);

  // x: [B, T, C]; mask: [B, T, 1], 1 = valid, or undefined: all are -> [B, T, C].
  torch::Tensor forward(const torch::Tensor& x, const torch::Tensor& mask);
  // sum + forward(x, mask).
  torch::Tensor AddTo(const torch::Tensor& sum, const torch::Tensor& x, const torch::Tensor& mask);

  static constexpr int64_t kFarthest = 32;

 private:
  // What the positions have gathered, before the last layer: [B, T, C].
  torch::Tensor Gather(const torch::Tensor& x, const torch::Tensor& mask);
  torch::Tensor Full(const torch::Tensor& q, const torch::Tensor& k, const torch::Tensor& v,
                     const torch::Tensor& mask);
  torch::Tensor Local(const torch::Tensor& q, const torch::Tensor& k, const torch::Tensor& v,
                      const torch::Tensor& mask);

  int64_t heads_;
  int64_t reach_;
  Linear qkv_{nullptr};
  Linear out_{nullptr};
  torch::Tensor bias_;  // [heads, 2 * reach + 1]
};
TORCH_MODULE(SelfAttention);

}  // namespace m2tts
