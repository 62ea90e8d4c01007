// Discriminators for adversarial training of vocoders, narrow and strided so that a step
// on a CPU stays affordable.
#pragma once

#include <torch/torch.h>

#include <vector>

namespace m2tts {

// What a discriminator says of a batch: a map of scores (higher = natural) and the
// activations before it, for feature matching.
struct Judgement {
  torch::Tensor scores;
  std::vector<torch::Tensor> features;
};

// On one STFT magnitude (UnivNet, Jang et al. 2021, section 2.2).
class ResolutionDiscriminatorImpl : public torch::nn::Module {
 public:
  ResolutionDiscriminatorImpl(int64_t n_fft, int64_t hop, int64_t channels);
  Judgement forward(const torch::Tensor& wave);  // [B, N]

 private:
  int64_t n_fft_, hop_;
  torch::Tensor window_;
  torch::nn::ModuleList convs_{nullptr};
  torch::nn::Conv2d out_{nullptr};
};
TORCH_MODULE(ResolutionDiscriminator);

// On the samples folded at one period (HiFi-GAN, Kong et al. 2020, section 2.3).
class PeriodDiscriminatorImpl : public torch::nn::Module {
 public:
  PeriodDiscriminatorImpl(int64_t period, int64_t channels);
  Judgement forward(const torch::Tensor& wave);  // [B, N]

 private:
  int64_t period_;
  torch::nn::ModuleList convs_{nullptr};
  torch::nn::Conv2d out_{nullptr};
};
TORCH_MODULE(PeriodDiscriminator);

// All of them.
class DiscriminatorImpl : public torch::nn::Module {
 public:
  explicit DiscriminatorImpl(int64_t channels);
  std::vector<Judgement> forward(const torch::Tensor& wave);

 private:
  std::vector<ResolutionDiscriminator> resolutions_;
  std::vector<PeriodDiscriminator> periods_;
};
TORCH_MODULE(Discriminator);

// Hinge losses (Lim & Ye 2017) averaged over the discriminators, and feature matching
// (mean L1 of activations; MelGAN, Kumar et al. 2019, equation 4).
torch::Tensor DiscriminatorLoss(const std::vector<Judgement>& real, const std::vector<Judgement>& fake);
torch::Tensor GeneratorLoss(const std::vector<Judgement>& fake);
torch::Tensor FeatureLoss(const std::vector<Judgement>& real, const std::vector<Judgement>& fake);

}  // namespace m2tts
