// Phonemes to hidden states: embedding, transformer blocks over the whole sentence.
#pragma once

#include <torch/torch.h>

#include <vector>

#include "core/model/model_config.h"
#include "core/model/transformer_block.h"

namespace m2tts {

// The phonemes of a batch of sentences, padded with kPad.
struct PhonemeBatch {
  torch::Tensor ids;      // int64 [B, T]
  torch::Tensor stress;   // int64 [B, T]
  torch::Tensor lengths;  // int64 [B]
  torch::Tensor speaker;  // int64 [B]

  PhonemeBatch To(const torch::Device& device) const {
    return {ids.to(device), stress.to(device), lengths.to(device), speaker.to(device)};
  }
};

class TextEncoderImpl : public torch::nn::Module {
 public:
  explicit TextEncoderImpl(const ModelConfig& config);

  // -> [B, T, hidden], zero beyond each length. mask: [B, T, 1].
  torch::Tensor forward(const PhonemeBatch& batch, const torch::Tensor& mask);
  void set_recompute(bool recompute) { recompute_ = recompute; }

 private:
  torch::nn::Embedding phonemes_{nullptr};
  torch::nn::Embedding stress_{nullptr};
  torch::nn::Embedding speakers_{nullptr};  // only with several speakers
  torch::nn::ModuleList blocks_{nullptr};
  torch::nn::LayerNorm norm_{nullptr};
  bool recompute_ = false;
};
TORCH_MODULE(TextEncoder);

}  // namespace m2tts
