#include "core/model/mel_decoder.h"

namespace m2tts {

MelDecoderImpl::MelDecoderImpl(const ModelConfig& config, int64_t n_mels) {
  position_ = register_module("position", torch::nn::Linear(3, config.hidden));
  blocks_ = register_module("blocks", torch::nn::ModuleList());
  for (int i = 0; i < config.decoder_layers; ++i) {
    blocks_->push_back(TransformerBlock(config, config.decoder_attention));
  }
  norm_ = register_module("norm", torch::nn::LayerNorm(torch::nn::LayerNormOptions({config.hidden})));
  out_ = register_module("out", torch::nn::Linear(config.hidden, n_mels));
}

torch::Tensor MelDecoderImpl::forward(const torch::Tensor& hidden, const torch::Tensor& position,
                                      const torch::Tensor& mask) {
  auto x = (hidden + position_(position)) * mask;
  for (const auto& block : *blocks_) x = block->as<TransformerBlock>()->forward(x, mask);
  return out_(norm_(x)) * mask;
}

}  // namespace m2tts
