// A bank of gammatone filters: how the inner ear splits sound into bands.
#pragma once

#include <array>
#include <vector>

namespace m2tts {

// Four second-order sections a band (Slaney 1993, "An Efficient Implementation of the Patterson-Holdsworth
// Auditory Filter Bank", Apple TR 35), centres equally spaced on the scale of Glasberg and Moore 1990, gain 1
// at the centre.
class GammatoneBank {
 public:
  static constexpr int kBands = 21;
  using Levels = std::array<double, kBands>;

  // Centres from `lowest_hz` up to below `highest_hz`, which is at most half of `sample_rate`.
  GammatoneBank(double sample_rate, double lowest_hz, double highest_hz);

  double centre_hz(int band) const { return centres_[band]; }
  // Root mean square of each band's output, from rest.
  Levels Filter(const std::vector<double>& wave) const;

 private:
  static constexpr int kSections = 4;
  Levels centres_{};
  // y[n] = x[n] + zero x[n-1] - feedback1 y[n-1] - feedback2 y[n-2], per section, then gain.
  std::array<Levels, kSections> zero_{};
  Levels feedback1_{}, feedback2_{}, gain_{};
};

}  // namespace m2tts
