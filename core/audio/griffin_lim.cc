#include "core/audio/griffin_lim.h"

#include <ATen/CPUGeneratorImpl.h>

#include <algorithm>
#include <cmath>

#include "core/audio/mel.h"
#include "core/audio/stft.h"

namespace m2tts {
namespace {

constexpr int kUnmixIterations = 16;  // the mel error falls little after
constexpr uint64_t kPhaseSeed = 20021113;

// mel: [B, n_mels, T], linear -> magnitude [B, n_fft/2 + 1, T] >= 0 whose mel is close to it.
// Richardson-Lucy iterations (multiplicative, so never negative) from a smooth start; the
// pseudo-inverse ripples and goes negative instead.
torch::Tensor UnmixMel(const torch::Tensor& mel, const AudioConfig& config) {
  const auto filters = MelFilterbank(config).to(mel.scalar_type()).to(mel.device());
  const auto transposed = filters.t();
  const auto norm = transposed.sum(1, true);  // [F, 1]; zero for a bin outside all bands
  const auto weights =
      torch::where(norm > 0, transposed / norm.clamp_min(1e-12), torch::zeros_like(transposed));
  auto magnitude = torch::matmul(weights, mel / filters.sum(1, true).clamp_min(1e-12));
  for (int i = 0; i < kUnmixIterations; ++i) {
    const auto ratio = mel / torch::matmul(filters, magnitude).clamp_min(1e-12);
    magnitude = magnitude * torch::matmul(weights, ratio);
  }
  return magnitude;
}

// Fixed random phases, the same for every item and for a longer T: [1, F, T].
Spectrum StartPhases(int64_t bins, int64_t frames, const torch::TensorOptions& options) {
  const auto generator = at::detail::createCPUGenerator(kPhaseSeed);
  const auto angle = torch::rand({frames, bins}, generator, torch::TensorOptions(torch::kFloat32))
                         .mul_(2.0 * M_PI)
                         .to(torch::typeMetaToScalarType(options.dtype()))
                         .to(options.device())
                         .t()
                         .unsqueeze(0);
  return {angle.cos(), angle.sin()};
}

}  // namespace

torch::Tensor GriffinLim(const torch::Tensor& log_mel, const AudioConfig& config,
                         const GriffinLimOptions& options) {
  torch::NoGradGuard no_grad;
  const int64_t batch = log_mel.size(0), frames = log_mel.size(2);
  const int64_t n_fft = config.n_fft, hop = config.hop_length;
  if (batch == 0 || frames == 0) return torch::zeros({batch, frames * hop}, log_mel.options());

  // Reflect padding needs a signal longer than half a window.
  const int64_t shortest = n_fft / 2 / hop + 2;
  auto mel = log_mel.exp();
  if (frames < shortest) mel = torch::constant_pad_nd(mel, {0, shortest - frames}, config.log_floor);
  const int64_t count = mel.size(2);

  const auto window = HannWindow(n_fft, log_mel.options());
  const auto magnitude = UnmixMel(mel, config);
  const auto phases = StartPhases(n_fft / 2 + 1, count, log_mel.options());
  Spectrum target{magnitude * phases.real, magnitude * phases.imag};
  Spectrum previous;
  const double step = options.momentum / (1.0 + options.momentum);
  for (int i = 0; i < options.iterations; ++i) {
    Spectrum rebuilt = Stft(InverseStft(target, n_fft, hop, window), n_fft, hop, window);
    auto real = rebuilt.real, imag = rebuilt.imag;
    if (previous.real.defined()) {
      real = real - previous.real * step;
      imag = imag - previous.imag * step;
    }
    const auto scale = magnitude / (real.square() + imag.square()).add_(1e-16).sqrt_();
    target = {real * scale, imag * scale};
    previous = rebuilt;
  }
  return InverseStft(target, n_fft, hop, window, count * hop).narrow(1, 0, frames * hop);
}

}  // namespace m2tts
