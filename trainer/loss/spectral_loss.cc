#include "trainer/loss/spectral_loss.h"

#include <cmath>

#include "core/audio/stft.h"

namespace m2tts {
namespace {

struct Resolution {
  int64_t n_fft;
  int64_t hop;
};
constexpr Resolution kResolutions[] = {{512, 128}, {1024, 256}, {2048, 512}};

constexpr double kMagnitudeFloor = 1e-5;

// A sound this quiet, -60 dB of full scale, is measured against this and not against itself: what a vocoder
// whispers into a pause must not outweigh the speech of the other clips. Magnitude of noise of that level in
// a Hann window, for each sample of the window.
constexpr double kQuiet = 1e-3;
constexpr double kHannPower = 0.375;  // mean square of the window

// Of each clip: [B, ...] -> [B].
torch::Tensor NormOfEach(const torch::Tensor& values) {
  return values.flatten(1).norm(2, at::IntArrayRef({1}));
}

// Mean over clips, so that a batch is the mean of its pieces (equation 4, there of a single clip).
torch::Tensor SpectralConvergence(const torch::Tensor& predicted, const torch::Tensor& target,
                                  int64_t n_fft) {
  const double values = static_cast<double>(target[0].numel());
  const double least = kQuiet * std::sqrt(kHannPower * static_cast<double>(n_fft) * values);
  return (NormOfEach(target - predicted) / NormOfEach(target).clamp_min(least)).mean();
}

}  // namespace

torch::Tensor MultiResolutionStftLoss(const torch::Tensor& predicted, const torch::Tensor& target) {
  torch::Tensor total;
  for (const auto& [n_fft, hop] : kResolutions) {
    const auto window = HannWindow(n_fft, predicted.options().requires_grad(false));
    const auto a = StftMagnitude(predicted, n_fft, hop, window, kMagnitudeFloor * kMagnitudeFloor);
    const auto b = StftMagnitude(target, n_fft, hop, window, kMagnitudeFloor * kMagnitudeFloor);
    const auto loss = SpectralConvergence(a, b, n_fft) + torch::l1_loss(a.log(), b.log());
    total = total.defined() ? total + loss : loss;
  }
  return total / static_cast<double>(std::size(kResolutions));
}

torch::Tensor MaskedL1(const torch::Tensor& predicted, const torch::Tensor& target,
                       const torch::Tensor& mask) {
  return ((predicted - target).abs() * mask).sum() / (mask.sum() * static_cast<double>(predicted.size(2)));
}

torch::Tensor MaskedMse(const torch::Tensor& predicted, const torch::Tensor& target,
                        const torch::Tensor& mask) {
  return ((predicted - target).square() * mask.squeeze(2)).sum() / mask.sum();
}

torch::Tensor CepstralLoss(const torch::Tensor& predicted, const torch::Tensor& target,
                           const torch::Tensor& mask) {
  constexpr int64_t kCoefficients = 13;
  constexpr double kSmooth = 1e-8;  // keeps the gradient of a root at zero finite
  const auto bands = predicted.size(2);
  const auto m = torch::arange(1, kCoefficients + 1, predicted.options()).unsqueeze(0);
  const auto k = torch::arange(bands, predicted.options()).unsqueeze(1) + 0.5;
  const auto basis =
      torch::cos(M_PI / static_cast<double>(bands) * k * m) * (2.0 / static_cast<double>(bands));
  const auto difference = torch::matmul(predicted - target, basis);  // [B, F, 13]
  const auto distance = (difference.square().sum(2, true) + kSmooth).sqrt();
  return (distance * mask).sum() / mask.sum();
}

}  // namespace m2tts
