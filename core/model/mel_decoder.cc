#include "core/model/mel_decoder.h"

namespace m2tts {
namespace {

constexpr int64_t kPlace = 3;  // channels of Expanded::position

}  // namespace

MelDecoderImpl::MelDecoderImpl(const ModelConfig& config, int64_t n_mels) {
  position_ = register_module("position", Linear(kPlace, config.hidden));
  if (config.frame_pitch) {
    // Zero: a model that is fine-tuned from one without goes on where that one was.
    pitch_ = register_module("pitch", Linear(1 + n_mels, config.hidden));
    torch::nn::init::zeros_(pitch_->weight);
    torch::nn::init::zeros_(pitch_->bias);
  }
  blocks_ = register_module("blocks", torch::nn::ModuleList());
  for (int i = 0; i < config.decoder_layers; ++i) {
    blocks_->push_back(TransformerBlock(config, config.decoder_attention));
  }
  norm_ = register_module("norm", torch::nn::LayerNorm(torch::nn::LayerNormOptions({config.hidden})));
  out_ = register_module("out", Linear(config.hidden, n_mels));
}

torch::Tensor MelDecoderImpl::Input(const torch::Tensor& hidden, const torch::Tensor& position) {
  const auto input = hidden + position_(position.narrow(2, 0, kPlace));
  return pitch_ ? input + pitch_(position.narrow(2, kPlace, position.size(2) - kPlace)) : input;
}

torch::Tensor MelDecoderImpl::forward(const torch::Tensor& hidden, const torch::Tensor& position,
                                      const torch::Tensor& mask) {
  const auto x = RunBlocks(blocks_, Masked(Input(hidden, position), mask), mask, recompute_);
  return Masked(out_(norm_(x)), mask);
}

PackedStep::Rows MelDecoderImpl::Stream(PackedStep* step, const PackedStep::Rows& input) {
  PackedStep::Rows rows = input;
  for (const auto& module : *blocks_) rows = module->as<TransformerBlock>()->Stream(step, std::move(rows));
  return step->Each([this](const torch::Tensor& x) { return out_(norm_(x)); }, rows);
}

}  // namespace m2tts
