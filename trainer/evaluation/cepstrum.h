// Mel cepstra, and the distance between two of them.
#pragma once

#include <array>
#include <vector>

namespace m2tts {

constexpr int kCepstra = 13;

// c_1 to c_13; c_0, the level, is left out.
using Cepstrum = std::array<double, kCepstra>;

// log_mel: natural log of one frame's mel magnitudes, n >= 1 bands M_k ->
// c_m = (2/n) sum_k ln M_k cos(pi m (k + 1/2) / n), m = 1..13.
Cepstrum MelCepstrum(const double* log_mel, int n_mels);

// Euclidean distance, without the factor of MelCepstralDistortion.
double CepstralDistance(const Cepstrum& a, const Cepstrum& b);

// (10 / ln 10) sqrt(2 sum_m (a_m - b_m)^2), in dB (Kubichek 1993), of one pair of frames.
double MelCepstralDistortion(const Cepstrum& a, const Cepstrum& b);

}  // namespace m2tts
