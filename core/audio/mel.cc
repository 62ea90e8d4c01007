#include "core/audio/mel.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "core/audio/stft.h"

namespace m2tts {
namespace {

// Slaney's Auditory Toolbox scale: linear below 1 kHz, logarithmic above.
constexpr double kHzPerMel = 200.0 / 3.0;
constexpr double kBreakHz = 1000.0;
constexpr double kBreakMel = kBreakHz / kHzPerMel;
const double kLogStep = std::log(6.4) / 27.0;

double HzToMel(double hz) {
  return hz < kBreakHz ? hz / kHzPerMel : kBreakMel + std::log(hz / kBreakHz) / kLogStep;
}

double MelToHz(double mel) {
  return mel < kBreakMel ? mel * kHzPerMel : kBreakHz * std::exp(kLogStep * (mel - kBreakMel));
}

}  // namespace

torch::Tensor MelFilterbank(const AudioConfig& config) {
  // Band m rises from edge m to edge m + 1 and falls to edge m + 2.
  std::vector<double> edges(config.n_mels + 2);
  const double low = HzToMel(config.f_min), high = HzToMel(config.f_max);
  for (size_t i = 0; i < edges.size(); ++i) {
    edges[i] = MelToHz(low + (high - low) * static_cast<double>(i) / (config.n_mels + 1));
  }
  const int bins = config.n_fft / 2 + 1;
  auto filters = torch::zeros({config.n_mels, bins}, torch::kFloat64);
  auto weight = filters.accessor<double, 2>();
  for (int m = 0; m < config.n_mels; ++m) {
    const double area_norm = 2.0 / (edges[m + 2] - edges[m]);
    for (int k = 0; k < bins; ++k) {
      const double hz = static_cast<double>(k) * config.sample_rate / config.n_fft;
      const double rise = (hz - edges[m]) / (edges[m + 1] - edges[m]);
      const double fall = (edges[m + 2] - hz) / (edges[m + 2] - edges[m + 1]);
      weight[m][k] = std::max(0.0, std::min(rise, fall)) * area_norm;
    }
  }
  return filters;
}

MelSpectrogram::MelSpectrogram(const AudioConfig& config, torch::Dtype dtype, torch::Device device)
    : config_(config),
      window_(HannWindow(config.n_fft, torch::TensorOptions().dtype(dtype).device(device))),
      filters_(MelFilterbank(config).to(dtype).to(device)) {}

torch::Tensor MelSpectrogram::operator()(const torch::Tensor& wave) const {
  return FromMagnitude(StftMagnitude(wave, config_.n_fft, config_.hop_length, window_));
}

torch::Tensor MelSpectrogram::FromMagnitude(const torch::Tensor& magnitude) const {
  // Magnitudes lie frame by frame in memory, so this order makes it one plain product.
  const auto mel = torch::matmul(magnitude.transpose(1, 2), filters_.t());
  return mel.clamp_min(config_.log_floor).log().transpose(1, 2);
}

}  // namespace m2tts
