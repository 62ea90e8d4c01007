#include "core/model/predictor.h"

namespace m2tts {

VariancePredictorImpl::VariancePredictorImpl(const ModelConfig& config) {
  convs_ = register_module("convs", torch::nn::ModuleList());
  norms_ = register_module("norms", torch::nn::ModuleList());
  int64_t in = config.hidden;
  for (int i = 0; i < config.predictor_layers; ++i) {
    convs_->push_back(TimeConv(in, config.predictor_hidden, config.predictor_kernel));
    norms_->push_back(torch::nn::LayerNorm(torch::nn::LayerNormOptions({config.predictor_hidden})));
    in = config.predictor_hidden;
  }
  dropout_ = register_module("dropout", torch::nn::Dropout(config.dropout));
  out_ = register_module("out", Linear(in, 1));
}

torch::Tensor VariancePredictorImpl::forward(const torch::Tensor& encoded, const torch::Tensor& mask) {
  auto x = encoded;
  for (size_t i = 0; i < convs_->size(); ++i) {
    // Norms are computed in float32 under autocast too.
    x = torch::relu(convs_[i]->as<TimeConv>()->forward(x));
    x = dropout_(norms_[i]->as<torch::nn::LayerNorm>()->forward(x.to(torch::kFloat32))) * mask;
  }
  return (out_(x) * mask).squeeze(2);
}

ContourPredictorImpl::ContourPredictorImpl(const ModelConfig& config) : VariancePredictorImpl(config) {
  embed_ = register_module("embed", TimeConv(1, config.hidden, 3));
}

torch::Tensor ContourPredictorImpl::Embed(const torch::Tensor& contour, const torch::Tensor& mask) {
  return embed_(contour.unsqueeze(2) * mask) * mask;
}

void ContourPredictorImpl::ZeroEmbedding() {
  torch::NoGradGuard no_grad;
  for (auto& parameter : embed_->parameters()) parameter.zero_();
}

}  // namespace m2tts
