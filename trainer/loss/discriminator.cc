#include "trainer/loss/discriminator.h"

#include <string>

#include "core/audio/stft.h"
#include "core/device/autocast.h"

namespace m2tts {
namespace {

constexpr double kLeak = 0.1;
constexpr double kPower = 0.3;  // compresses magnitudes near to loudness
constexpr int kResolutionLayers = 4;
constexpr int kPeriodLayers = 4;

struct StftSize {
  int64_t n_fft;
  int64_t hop;
};
constexpr StftSize kStftSizes[] = {{512, 128}, {1024, 256}, {2048, 512}};
constexpr int64_t kPeriods[] = {2, 3, 5, 7, 11};

Judgement Judge(torch::nn::ModuleList& convs, torch::nn::Conv2d& out, torch::Tensor x) {
  Judgement judgement;
  for (const auto& conv : *convs) {
    x = torch::leaky_relu(conv->as<torch::nn::Conv2d>()->forward(x), kLeak);
    judgement.features.push_back(x);
  }
  judgement.scores = out(x);
  return judgement;
}

}  // namespace

ResolutionDiscriminatorImpl::ResolutionDiscriminatorImpl(int64_t n_fft, int64_t hop, int64_t channels)
    : n_fft_(n_fft), hop_(hop) {
  window_ = HannWindow(n_fft, torch::kFloat32);
  convs_ = register_module("convs", torch::nn::ModuleList());
  int64_t in = 1;
  for (int i = 0; i < kResolutionLayers; ++i) {
    // [B, C, frames, bins]: bins are halved, frames kept.
    convs_->push_back(
        torch::nn::Conv2d(torch::nn::Conv2dOptions(in, channels, {3, 9}).stride({1, 2}).padding({1, 4})));
    in = channels;
  }
  out_ = register_module("out", torch::nn::Conv2d(torch::nn::Conv2dOptions(in, 1, {3, 3}).padding({1, 1})));
}

Judgement ResolutionDiscriminatorImpl::forward(const torch::Tensor& wave) {
  const Autocast exact(wave.device(), Precision::kFp32);
  const auto magnitude = StftMagnitude(wave, n_fft_, hop_, window_.to(wave.device()), 1e-7);
  return Judge(convs_, out_, magnitude.pow(kPower).transpose(1, 2).unsqueeze(1));
}

PeriodDiscriminatorImpl::PeriodDiscriminatorImpl(int64_t period, int64_t channels) : period_(period) {
  convs_ = register_module("convs", torch::nn::ModuleList());
  int64_t in = 1, width = channels;
  for (int i = 0; i < kPeriodLayers; ++i) {
    convs_->push_back(
        torch::nn::Conv2d(torch::nn::Conv2dOptions(in, width, {5, 1}).stride({3, 1}).padding({2, 0})));
    in = width;
    if (width < 4 * channels) width *= 2;
  }
  out_ = register_module("out", torch::nn::Conv2d(torch::nn::Conv2dOptions(in, 1, {3, 1}).padding({1, 0})));
}

Judgement PeriodDiscriminatorImpl::forward(const torch::Tensor& wave) {
  const int64_t rows = wave.size(1) / period_;
  return Judge(convs_, out_, wave.narrow(1, 0, rows * period_).reshape({wave.size(0), 1, rows, period_}));
}

DiscriminatorImpl::DiscriminatorImpl(int64_t channels) {
  for (const auto& [n_fft, hop] : kStftSizes) {
    resolutions_.push_back(
        register_module("resolution" + std::to_string(n_fft), ResolutionDiscriminator(n_fft, hop, channels)));
  }
  for (const int64_t period : kPeriods) {
    periods_.push_back(
        register_module("period" + std::to_string(period), PeriodDiscriminator(period, channels)));
  }
}

std::vector<Judgement> DiscriminatorImpl::forward(const torch::Tensor& wave) {
  std::vector<Judgement> judgements;
  for (auto& discriminator : resolutions_) judgements.push_back(discriminator(wave));
  for (auto& discriminator : periods_) judgements.push_back(discriminator(wave));
  return judgements;
}

torch::Tensor DiscriminatorLoss(const std::vector<Judgement>& real, const std::vector<Judgement>& fake) {
  auto loss = torch::zeros({});
  for (size_t i = 0; i < real.size(); ++i) {
    loss = loss + torch::relu(1.0 - real[i].scores).mean() + torch::relu(1.0 + fake[i].scores).mean();
  }
  return loss / static_cast<double>(real.size());
}

torch::Tensor GeneratorLoss(const std::vector<Judgement>& fake) {
  auto loss = torch::zeros({});
  for (const auto& judgement : fake) loss = loss - judgement.scores.mean();
  return loss / static_cast<double>(fake.size());
}

torch::Tensor FeatureLoss(const std::vector<Judgement>& real, const std::vector<Judgement>& fake) {
  auto loss = torch::zeros({});
  double count = 0.0;
  for (size_t i = 0; i < real.size(); ++i) {
    for (size_t layer = 0; layer < real[i].features.size(); ++layer, ++count) {
      loss = loss + torch::l1_loss(fake[i].features[layer], real[i].features[layer].detach());
    }
  }
  return loss / count;
}

}  // namespace m2tts
