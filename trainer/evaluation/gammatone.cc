#include "trainer/evaluation/gammatone.h"

#include <cmath>
#include <complex>

namespace m2tts {
namespace {

// Equivalent rectangular bandwidth: hz / kQuality + kNarrowest.
constexpr double kQuality = 9.26449;
constexpr double kNarrowest = 24.7;
constexpr double kWidth = 1.019;  // of a 4th-order gammatone, in ERB

}  // namespace

GammatoneBank::GammatoneBank(double sample_rate, double lowest_hz, double highest_hz) {
  constexpr double kOffset = kQuality * kNarrowest;
  const double step = std::log((lowest_hz + kOffset) / (highest_hz + kOffset)) / kBands;
  const double roots[kSections] = {std::sqrt(3 + std::pow(2, 1.5)), -std::sqrt(3 + std::pow(2, 1.5)),
                                   std::sqrt(3 - std::pow(2, 1.5)), -std::sqrt(3 - std::pow(2, 1.5))};
  for (int b = 0; b < kBands; ++b) {
    centres_[b] = (highest_hz + kOffset) * std::exp((kBands - b) * step) - kOffset;
    const double angle = 2 * M_PI * centres_[b] / sample_rate;
    const double decay = std::exp(-2 * M_PI * kWidth * (centres_[b] / kQuality + kNarrowest) / sample_rate);
    feedback1_[b] = -2 * std::cos(angle) * decay;
    feedback2_[b] = decay * decay;
    const std::complex<double> delay = std::polar(1.0, -angle);
    std::complex<double> response = 1.0;
    for (int s = 0; s < kSections; ++s) {
      zero_[s][b] = -(std::cos(angle) + roots[s] * std::sin(angle)) * decay;
      response *= (1.0 + zero_[s][b] * delay) / (1.0 + (feedback1_[b] + feedback2_[b] * delay) * delay);
    }
    gain_[b] = 1.0 / std::abs(response);
  }
}

GammatoneBank::Levels GammatoneBank::Filter(const std::vector<double>& wave) const {
  std::array<Levels, kSections> state1{}, state2{};
  Levels energy{};
  for (const double sample : wave) {
    Levels x;
    x.fill(sample);
    for (int s = 0; s < kSections; ++s) {
      for (int b = 0; b < kBands; ++b) {
        const double y = x[b] + state1[s][b];
        state1[s][b] = zero_[s][b] * x[b] - feedback1_[b] * y + state2[s][b];
        state2[s][b] = -feedback2_[b] * y;
        x[b] = y;
      }
    }
    for (int b = 0; b < kBands; ++b) energy[b] += x[b] * x[b];
  }
  for (int b = 0; b < kBands; ++b) {
    energy[b] = wave.empty() ? 0.0 : gain_[b] * std::sqrt(energy[b] / static_cast<double>(wave.size()));
  }
  return energy;
}

}  // namespace m2tts
