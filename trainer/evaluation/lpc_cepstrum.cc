#include "trainer/evaluation/lpc_cepstrum.h"

#include <algorithm>
#include <cmath>

#include "core/audio/codec.h"

namespace m2tts {
namespace {

constexpr int kWindow = kLpcRate * 32 / 1000;
constexpr double kFloorDb = -40.0;
constexpr double kWhiteNoise = 1e-4;  // of the power: keeps the recursion stable (-40 dB)

using Correlation = std::array<double, kLpcOrder + 1>;

Correlation Autocorrelate(const std::vector<float>& wave, int64_t center) {
  std::array<double, kWindow> frame{};
  for (int i = 0; i < kWindow; ++i) {
    const int64_t at = center - kWindow / 2 + i;
    if (at < 0 || at >= static_cast<int64_t>(wave.size())) continue;
    frame[i] = wave[at] * (0.54 - 0.46 * std::cos(2.0 * M_PI * i / (kWindow - 1)));
  }
  Correlation r{};
  for (int lag = 0; lag <= kLpcOrder; ++lag) {
    for (int i = lag; i < kWindow; ++i) r[lag] += frame[i] * frame[i - lag];
  }
  r[0] *= 1.0 + kWhiteNoise;
  return r;
}

// Levinson-Durbin: A(z) = 1 + sum a_k z^-k.
std::array<double, kLpcOrder + 1> Predictor(const Correlation& r) {
  std::array<double, kLpcOrder + 1> a{};
  a[0] = 1.0;
  double error = r[0];
  for (int i = 1; i <= kLpcOrder; ++i) {
    double sum = r[i];
    for (int j = 1; j < i; ++j) sum += a[j] * r[i - j];
    const double reflection = -sum / error;
    auto next = a;
    for (int j = 1; j < i; ++j) next[j] = a[j] + reflection * a[i - j];
    next[i] = reflection;
    a = next;
    error *= 1.0 - reflection * reflection;
  }
  return a;
}

// Of ln 1/|A|: c_n = -a_n - sum_{k<n} (k/n) c_k a_{n-k}.
std::array<double, kLpcOrder> CepstrumOf(const std::array<double, kLpcOrder + 1>& a) {
  std::array<double, kLpcOrder> c{};
  for (int n = 1; n <= kLpcOrder; ++n) {
    c[n - 1] = -a[n];
    for (int k = 1; k < n; ++k) c[n - 1] -= static_cast<double>(k) / n * c[k - 1] * a[n - k];
  }
  return c;
}

}  // namespace

StatusOr<std::vector<LpcCepstrum>> LpcCepstra(const std::vector<float>& wave, int sample_rate,
                                              double hop_seconds) {
  M2TTS_ASSIGN_OR_RETURN(const std::vector<float> narrow, ToMono({sample_rate, 1, wave}, kLpcRate));
  const auto frames = static_cast<int64_t>(static_cast<double>(wave.size()) / sample_rate / hop_seconds) + 1;
  std::vector<Correlation> correlations;
  double loudest = 0.0;
  for (int64_t t = 0; t < frames; ++t) {
    const auto center = static_cast<int64_t>(std::llround(static_cast<double>(t) * hop_seconds * kLpcRate));
    correlations.push_back(Autocorrelate(narrow, center));
    loudest = std::max(loudest, correlations.back()[0]);
  }
  std::vector<LpcCepstrum> cepstra(correlations.size());
  for (size_t t = 0; t < cepstra.size(); ++t) {
    if (correlations[t][0] <= loudest * std::pow(10.0, kFloorDb / 10.0)) continue;
    cepstra[t] = {CepstrumOf(Predictor(correlations[t])), true};
  }
  return cepstra;
}

double LpcCepstrumDistance(const std::vector<LpcCepstrum>& reference, const std::vector<LpcCepstrum>& system,
                           const WarpingPath& path) {
  double sum = 0.0;
  size_t pairs = 0;
  for (const auto& [i, j] : path) {
    if (i >= reference.size() || j >= system.size() || !reference[i].speech || !system[j].speech) continue;
    double squares = 0.0;
    for (int n = 0; n < kLpcOrder; ++n) {
      squares += (reference[i].c[n] - system[j].c[n]) * (reference[i].c[n] - system[j].c[n]);
    }
    sum += 10.0 / std::log(10.0) * std::sqrt(2.0 * squares);
    ++pairs;
  }
  return pairs > 0 ? sum / static_cast<double>(pairs) : 0.0;
}

std::optional<double> MosOfLpcDistance(double distance_db) {
  const double mos = 0.04 * distance_db * distance_db - 0.80 * distance_db + 3.56;
  // The parabola turns at 10 dB; beyond, nothing gets better again.
  if (mos < 1.0 || distance_db > 10.0) return std::nullopt;
  return mos;
}

}  // namespace m2tts
