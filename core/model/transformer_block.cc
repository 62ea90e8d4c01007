#include "core/model/transformer_block.h"

#include "core/model/recompute.h"

namespace m2tts {

TransformerBlockImpl::TransformerBlockImpl(const ModelConfig& config, int64_t reach)
    : attention_reach_(reach), has_depthwise_(config.depthwise_kernel > 0) {
  const int64_t hidden = config.hidden;
  const auto norm = [&] { return torch::nn::LayerNorm(torch::nn::LayerNormOptions({hidden})); };
  if (has_depthwise_) {
    depthwise_norm_ = register_module("depthwise_norm", norm());
    depthwise_ = register_module("depthwise", DepthwiseConv(hidden, config.depthwise_kernel));
  }
  attention_norm_ = register_module("attention_norm", norm());
  attention_ = register_module("attention", SelfAttention(hidden, config.heads, reach));
  ffn_norm_ = register_module("ffn_norm", norm());
  ffn_in_ = register_module("ffn_in", TimeConv(hidden, hidden * config.ffn_multiplier, config.ffn_kernel));
  ffn_out_ = register_module("ffn_out", Linear(hidden * config.ffn_multiplier, hidden));
  dropout_ = register_module("dropout", torch::nn::Dropout(config.dropout));
}

// A norm of zero is its bias: what looks at neighbours needs the mask again.
torch::Tensor TransformerBlockImpl::Mix(const torch::Tensor& x, const torch::Tensor& mask) {
  return x + dropout_(depthwise_(Masked(depthwise_norm_(x), mask)));
}

torch::Tensor TransformerBlockImpl::Attend(const torch::Tensor& x, const torch::Tensor& mask) {
  const auto normed = attention_norm_(x);
  return is_training() ? x + dropout_(attention_(normed, mask)) : attention_->AddTo(x, normed, mask);
}

torch::Tensor TransformerBlockImpl::Feed(const torch::Tensor& x, const torch::Tensor& mask) {
  const auto neighbours = ffn_in_->Neighbours(Masked(ffn_norm_(x), mask));
  const auto expanded = ffn_in_->linear()->Gelu(neighbours);
  return is_training() ? x + dropout_(ffn_out_(expanded)) : ffn_out_->AddTo(x, expanded);
}

torch::Tensor TransformerBlockImpl::forward(const torch::Tensor& x, const torch::Tensor& mask) {
  const auto mixed = has_depthwise_ ? Mix(x, mask) : x;
  return Masked(Feed(Attend(mixed, mask), mask), mask);
}

PackedStep::Rows TransformerBlockImpl::Stream(PackedStep* step, PackedStep::Rows rows) {
  const auto through = [&](int64_t reach, auto method) {
    rows = step->Through(
        reach, [&](const torch::Tensor& x, const torch::Tensor& mask) { return (this->*method)(x, mask); },
        rows);
  };
  if (has_depthwise_) through(depthwise_->reach(), &TransformerBlockImpl::Mix);
  through(attention_reach_, &TransformerBlockImpl::Attend);
  through(ffn_in_->reach(), &TransformerBlockImpl::Feed);
  return rows;
}

torch::Tensor RunBlocks(const torch::nn::ModuleList& blocks, torch::Tensor x, const torch::Tensor& mask,
                        bool recompute) {
  for (const auto& module : *blocks) {
    auto* const block = module->as<TransformerBlock>();
    const auto run = [block, mask](const torch::Tensor& input) { return block->forward(input, mask); };
    x = recompute ? Recompute(run, x, block->parameters()) : run(x);
  }
  return x;
}

}  // namespace m2tts
