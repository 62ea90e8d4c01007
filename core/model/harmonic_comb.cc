#include "core/model/harmonic_comb.h"

#include <cmath>

#include "core/audio/mel.h"

namespace m2tts {
namespace {

// Standard deviation of a Hann window's main lobe, in bins, taken as a Gaussian.
constexpr double kWindowSpread = 0.72;

// ln F0 beyond what voices do (20 to 2000 Hz) is taken to be its nearest limit.
constexpr double kLowest = 3.0, kHighest = 7.6;

}  // namespace

HarmonicComb::HarmonicComb(const AudioConfig& audio) {
  const auto filters = MelFilterbank(audio);
  const double bin = static_cast<double>(audio.sample_rate) / audio.n_fft;
  const auto hertz = torch::arange(filters.size(1), torch::kFloat64) * bin;
  const auto share = filters / filters.sum(1, true).clamp_min(1e-12);
  const auto centre = (share * hertz).sum(1, true);
  const auto variance = (share * (hertz - centre).square()).sum(1);
  centres_ = centre.squeeze(1).to(torch::kFloat32);
  spreads_ = (variance + std::pow(kWindowSpread * bin, 2)).sqrt().to(torch::kFloat32);
}

torch::Tensor HarmonicComb::operator()(const torch::Tensor& log_hertz) const {
  const auto per_hertz =
      2.0 * M_PI * torch::exp(-log_hertz.clamp(kLowest, kHighest)).unsqueeze(2);  // radians
  const auto fade = torch::exp(-0.5 * (per_hertz * spreads_.to(log_hertz.device())).square());
  return torch::cos(per_hertz * centres_.to(log_hertz.device())) * fade;
}

}  // namespace m2tts
