// One value per phoneme from the encoder's output, by a small stack of convolutions
// (FastSpeech 2's variance predictor, Ren et al. 2021), and its two uses.
#pragma once

#include <torch/torch.h>

#include "core/model/layers.h"
#include "core/model/linear.h"
#include "core/model/model_config.h"

namespace m2tts {

class VariancePredictorImpl : public torch::nn::Module {
 public:
  explicit VariancePredictorImpl(const ModelConfig& config);
  // encoded: [B, T, hidden], mask: [B, T, 1] -> [B, T], zero where masked.
  torch::Tensor forward(const torch::Tensor& encoded, const torch::Tensor& mask);

 private:
  torch::nn::ModuleList convs_{nullptr};
  torch::nn::ModuleList norms_{nullptr};
  torch::nn::Dropout dropout_{nullptr};
  Linear out_{nullptr};
};
TORCH_MODULE(VariancePredictor);

// log(duration in frames) of each phoneme, [B, T].
class DurationPredictorImpl : public VariancePredictorImpl {
 public:
  using VariancePredictorImpl::VariancePredictorImpl;
};
TORCH_MODULE(DurationPredictor);

// Predicts pitch (mean ln F0) or energy (mean log-energy) of each phoneme, standardized over the corpus,
// and brings such a contour (predicted, measured or shifted by the user) back into the hidden state.
class ContourPredictorImpl : public VariancePredictorImpl {
 public:
  explicit ContourPredictorImpl(const ModelConfig& config);
  // contour: [B, T] standardized, mask: [B, T, 1] -> [B, T, hidden], to be added to the encoder's output.
  torch::Tensor Embed(const torch::Tensor& contour, const torch::Tensor& mask);
  // A contour says nothing until Embed has learned: a model that is fine-tuned from one without the
  // contour goes on where that one was.
  void ZeroEmbedding();

 private:
  TimeConv embed_{nullptr};
};
TORCH_MODULE(ContourPredictor);

}  // namespace m2tts
