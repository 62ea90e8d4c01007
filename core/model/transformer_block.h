// The block of the text encoder and the mel decoder: pre-norm transformer with a depthwise
// convolution before attention and a convolutional feed-forward (FastSpeech, Ren et al. 2019).
//
//   x += depthwise(norm(x));  x += attention(norm(x));  x += feed_forward(norm(x))
#pragma once

#include <torch/torch.h>

#include "core/model/attention.h"
#include "core/model/layers.h"
#include "core/model/linear.h"
#include "core/model/model_config.h"
#include "core/model/packed_stream.h"

namespace m2tts {

class TransformerBlockImpl : public torch::nn::Module {
 public:
  // reach: see SelfAttention.
  TransformerBlockImpl(const ModelConfig& config, int64_t reach);

  // x: [B, T, hidden], mask: [B, T, 1] -> [B, T, hidden], zero where masked.
  torch::Tensor forward(const torch::Tensor& x, const torch::Tensor& mask);

  // The same for parts of streams, [n, hidden] each; the attention must be bounded.
  PackedStep::Rows Stream(PackedStep* step, PackedStep::Rows rows);

 private:
  // The three sublayers, residual included.
  torch::Tensor Mix(const torch::Tensor& x, const torch::Tensor& mask);
  torch::Tensor Attend(const torch::Tensor& x, const torch::Tensor& mask);
  torch::Tensor Feed(const torch::Tensor& x, const torch::Tensor& mask);

  const int64_t attention_reach_;
  const bool has_depthwise_;
  torch::nn::LayerNorm depthwise_norm_{nullptr};
  DepthwiseConv depthwise_{nullptr};
  torch::nn::LayerNorm attention_norm_{nullptr};
  SelfAttention attention_{nullptr};
  torch::nn::LayerNorm ffn_norm_{nullptr};
  TimeConv ffn_in_{nullptr};
  Linear ffn_out_{nullptr};
  torch::nn::Dropout dropout_{nullptr};
};
TORCH_MODULE(TransformerBlock);

// x through all of them, one after the other; with `recompute` each keeps its input alone (recompute.h).
torch::Tensor RunBlocks(const torch::nn::ModuleList& blocks, torch::Tensor x, const torch::Tensor& mask,
                        bool recompute);

}  // namespace m2tts
