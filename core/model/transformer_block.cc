#include "core/model/transformer_block.h"

#include "core/model/recompute.h"

namespace m2tts {

TransformerBlockImpl::TransformerBlockImpl(const ModelConfig& config, int64_t reach)
    : has_depthwise_(config.depthwise_kernel > 0) {
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
  ffn_out_ = register_module("ffn_out", torch::nn::Linear(hidden * config.ffn_multiplier, hidden));
  dropout_ = register_module("dropout", torch::nn::Dropout(config.dropout));
}

torch::Tensor TransformerBlockImpl::forward(torch::Tensor x, const torch::Tensor& mask) {
  // A norm of zero is its bias: mask again before everything that looks at neighbours.
  if (has_depthwise_) x = x + dropout_(depthwise_(depthwise_norm_(x) * mask));
  x = x + dropout_(attention_(attention_norm_(x), mask));
  x = x + dropout_(ffn_out_(torch::gelu(ffn_in_(ffn_norm_(x) * mask))));
  return x * mask;
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
