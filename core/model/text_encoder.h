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
  // Who speaks: int64 [B], indices; or float32 [B, speakers], the weights of mixtures, each row's sum 1.
  torch::Tensor speaker;

  PhonemeBatch To(const torch::Device& device) const {
    return {ids.to(device), stress.to(device), lengths.to(device), speaker.to(device)};
  }
};

// The rows of a table [speakers, width] that `speaker` (as in PhonemeBatch) picks or mixes: [B, width].
torch::Tensor SpeakerRows(const torch::Tensor& table, const torch::Tensor& speaker);

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
