#include "core/model/text_encoder.h"

#include "core/text/phoneme.h"

namespace m2tts {

torch::Tensor SpeakerRows(const torch::Tensor& table, const torch::Tensor& speaker) {
  // A row of weights with a single one picks exactly what the index would: the other terms are zero.
  return speaker.is_floating_point() ? speaker.matmul(table) : table.index_select(0, speaker);
}

TextEncoderImpl::TextEncoderImpl(const ModelConfig& config) {
  phonemes_ = register_module("phonemes", torch::nn::Embedding(kPhonemeCount, config.hidden));
  stress_ = register_module("stress", torch::nn::Embedding(kStressCount, config.hidden));
  if (config.speakers > 1) {
    speakers_ = register_module("speakers", torch::nn::Embedding(config.speakers, config.hidden));
  }
  blocks_ = register_module("blocks", torch::nn::ModuleList());
  for (int i = 0; i < config.encoder_layers; ++i) blocks_->push_back(TransformerBlock(config, -1));
  norm_ = register_module("norm", torch::nn::LayerNorm(torch::nn::LayerNormOptions({config.hidden})));
}

torch::Tensor TextEncoderImpl::forward(const PhonemeBatch& batch, const torch::Tensor& mask) {
  auto x = (phonemes_(batch.ids) + stress_(batch.stress)) * mask;
  x = RunBlocks(blocks_, x, mask, recompute_);
  x = norm_(x);
  if (speakers_) x = x + SpeakerRows(speakers_->weight, batch.speaker).unsqueeze(1);
  return x * mask;
}

}  // namespace m2tts
