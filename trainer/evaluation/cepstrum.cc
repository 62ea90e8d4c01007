#include "trainer/evaluation/cepstrum.h"

#include <cmath>

namespace m2tts {

Cepstrum MelCepstrum(const double* log_mel, int n_mels) {
  Cepstrum cepstrum{};
  for (int m = 1; m <= kCepstra; ++m) {
    double sum = 0;
    for (int k = 0; k < n_mels; ++k) sum += log_mel[k] * std::cos(M_PI * m * (k + 0.5) / n_mels);
    cepstrum[m - 1] = 2.0 / n_mels * sum;
  }
  return cepstrum;
}

double CepstralDistance(const Cepstrum& a, const Cepstrum& b) {
  double sum = 0;
  for (int m = 0; m < kCepstra; ++m) sum += (a[m] - b[m]) * (a[m] - b[m]);
  return std::sqrt(sum);
}

double MelCepstralDistortion(const Cepstrum& a, const Cepstrum& b) {
  return 10.0 / std::log(10.0) * std::sqrt(2.0) * CepstralDistance(a, b);
}

}  // namespace m2tts
