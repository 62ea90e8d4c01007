#include "core/audio/pitch.h"

#include <torch/torch.h>

#include <algorithm>
#include <cmath>

namespace m2tts {
namespace {

constexpr double kWindowSeconds = 0.025;  // of the difference function, as in the paper
constexpr int64_t kChunkFrames = 256;     // bounds memory: about 4 MB
constexpr double kSilence = 1e-3;         // of the loudest frame (-60 dB): no pitch below
constexpr double kAbsoluteSilence = 1e-5;
constexpr int kNeighbours = 6;            // frames on each side that vote on the octave
constexpr double kGrowThreshold = 0.35;   // dip that suffices beside a voiced frame
constexpr double kOctaveThreshold = 0.4;  // dip that suffices when the neighbours agree on it

struct Geometry {
  int64_t min_lag, max_lag;  // samples
  int64_t window;            // samples that the difference sums over
  int64_t fft;               // power of two that holds window + max_lag
  int64_t span() const { return window + max_lag + 1; }
};

Geometry MakeGeometry(int sample_rate, const PitchOptions& options) {
  Geometry g{};
  g.min_lag = std::max<int64_t>(2, static_cast<int64_t>(std::floor(sample_rate / options.max_hz)));
  g.max_lag = std::max<int64_t>(g.min_lag + 2, static_cast<int64_t>(std::ceil(sample_rate / options.min_hz)));
  g.window = std::max<int64_t>(g.max_lag, static_cast<int64_t>(kWindowSeconds * sample_rate));
  for (g.fft = 1; g.fft < g.span();) g.fft *= 2;
  return g;
}

// The cumulative mean normalized difference d'(lag) of one frame, lags 0 to max_lag + 1
// (eq. 8 of the paper), from its autocorrelation and running energies (eq. 7).
void NormalizedDifference(const float* correlation, const double* energy, const Geometry& g, float* out) {
  double sum = 0.0;
  const double own = energy[g.window] - energy[0];
  out[0] = 1.0f;
  for (int64_t lag = 1; lag <= g.max_lag + 1; ++lag) {
    const double shifted = energy[lag + g.window] - energy[lag];
    const double difference = std::max(0.0, own + shifted - 2.0 * correlation[lag]);
    sum += difference;
    out[lag] = sum > 0.0 ? static_cast<float>(difference * lag / sum) : 1.0f;
  }
}

// The minimum of the parabola through three points around `lag`.
double RefineLag(const float* d, int64_t lag) {
  const double left = d[lag - 1], middle = d[lag], right = d[lag + 1];
  const double curvature = left - 2.0 * middle + right;
  if (curvature <= 0.0) return static_cast<double>(lag);
  return static_cast<double>(lag) + std::clamp(0.5 * (left - right) / curvature, -0.5, 0.5);
}

// The first dip below the threshold, followed to its bottom (step 4 of the paper); 0 if none.
double FirstDip(const float* d, const Geometry& g, double threshold) {
  for (int64_t lag = g.min_lag; lag <= g.max_lag; ++lag) {
    if (d[lag] >= threshold) continue;
    while (lag < g.max_lag && d[lag + 1] < d[lag]) ++lag;
    return RefineLag(d, lag);
  }
  return 0.0;
}

// The deepest dip within 20 % of `expected`; 0 when it is above the threshold.
double DipNear(const float* d, const Geometry& g, double expected, double threshold) {
  const int64_t from = std::max(g.min_lag, static_cast<int64_t>(expected * 0.8));
  const int64_t to = std::min(g.max_lag, static_cast<int64_t>(expected * 1.2));
  if (from > to) return 0.0;
  const int64_t lag = std::min_element(d + from, d + to + 1) - d;
  return d[lag] < threshold ? RefineLag(d, lag) : 0.0;
}

// Median of the voiced lags around frame t, itself included; 0 when fewer than three.
double LocalMedian(const std::vector<double>& lags, int64_t t) {
  std::vector<double> voiced;
  const int64_t last = static_cast<int64_t>(lags.size()) - 1;
  for (int64_t i = std::max<int64_t>(0, t - kNeighbours); i <= std::min(last, t + kNeighbours); ++i) {
    if (lags[i] > 0.0) voiced.push_back(lags[i]);
  }
  if (voiced.size() < 3) return 0.0;
  std::nth_element(voiced.begin(), voiced.begin() + voiced.size() / 2, voiced.end());
  return voiced[voiced.size() / 2];
}

// Where a frame's lag is far (over a third) from its neighbours', takes the dip that fits them.
void RepairOctaves(const std::vector<float>& differences, const Geometry& g, std::vector<double>* lags) {
  const std::vector<double> before = *lags;
  for (size_t t = 0; t < before.size(); ++t) {
    if (before[t] == 0.0) continue;
    const double median = LocalMedian(before, static_cast<int64_t>(t));
    if (median == 0.0 || std::abs(std::log2(before[t] / median)) < 0.415) continue;
    const double repaired = DipNear(&differences[t * (g.max_lag + 2)], g, median, kOctaveThreshold);
    if (repaired > 0.0) (*lags)[t] = repaired;
  }
}

// A single voiced frame between unvoiced ones is a chance dip in noise.
void DropIslands(std::vector<double>* lags) {
  const std::vector<double> before = *lags;
  for (size_t t = 0; t < before.size(); ++t) {
    const bool left = t > 0 && before[t - 1] > 0.0, right = t + 1 < before.size() && before[t + 1] > 0.0;
    if (!left && !right) (*lags)[t] = 0.0;
  }
}

// Hysteresis: voicing spreads to frames whose dip near the neighbour's lag is weaker, as in
// breathy onsets, voiced fricatives and fast glides.
void GrowVoiced(const std::vector<float>& differences, const Geometry& g, std::vector<double>* lags) {
  const auto grow = [&](size_t t, size_t neighbour) {
    if ((*lags)[t] > 0.0 || (*lags)[neighbour] == 0.0) return;
    (*lags)[t] = DipNear(&differences[t * (g.max_lag + 2)], g, (*lags)[neighbour], kGrowThreshold);
  };
  for (size_t t = 1; t < lags->size(); ++t) grow(t, t - 1);
  for (size_t t = lags->size() - 1; t > 0; --t) grow(t - 1, t);
}

}  // namespace

std::vector<float> EstimatePitch(const std::vector<float>& wave, const AudioConfig& audio,
                                 const PitchOptions& options) {
  torch::NoGradGuard no_grad;
  const Geometry g = MakeGeometry(audio.sample_rate, options);
  const int64_t hop = audio.hop_length, samples = static_cast<int64_t>(wave.size());
  const int64_t frames = 1 + samples / hop, width = g.max_lag + 2;

  // Zeros around the wave, so that frame t starts at t * hop and is centred on that sample.
  std::vector<float> padded(static_cast<size_t>((frames - 1) * hop + g.fft + hop), 0.0f);
  std::copy(wave.begin(), wave.end(), padded.begin() + g.span() / 2);
  std::vector<double> energy(padded.size() + 1, 0.0);  // running sum of squares
  for (size_t i = 0; i < padded.size(); ++i) {
    energy[i + 1] = energy[i] + static_cast<double>(padded[i]) * padded[i];
  }

  double loudest = 0.0;
  const auto mean_square = [&](int64_t t) {
    return (energy[t * hop + g.span()] - energy[t * hop]) / static_cast<double>(g.span());
  };
  for (int64_t t = 0; t < frames; ++t) loudest = std::max(loudest, mean_square(t));
  const double gate = std::max(loudest * kSilence * kSilence, kAbsoluteSilence * kAbsoluteSilence);

  std::vector<float> differences(static_cast<size_t>(frames * width));
  std::vector<double> lags(static_cast<size_t>(frames), 0.0);
  const auto signal = torch::from_blob(padded.data(), {static_cast<int64_t>(padded.size())}, torch::kFloat32);
  for (int64_t first = 0; first < frames; first += kChunkFrames) {
    const int64_t count = std::min(kChunkFrames, frames - first);
    const auto block = signal.narrow(0, first * hop, (count - 1) * hop + g.fft).unfold(0, g.fft, hop);
    // Correlation of the window with the whole frame; lags do not wrap, the FFT is long enough.
    const auto head = torch::fft_rfft(block.narrow(1, 0, g.window), g.fft);
    const auto correlation = torch::fft_irfft(torch::fft_rfft(block) * head.conj(), g.fft);
    const float* rows = correlation.data_ptr<float>();
    for (int64_t t = first; t < first + count; ++t) {
      float* d = &differences[static_cast<size_t>(t * width)];
      NormalizedDifference(rows + (t - first) * g.fft, &energy[t * hop], g, d);
      if (mean_square(t) < gate) {
        std::fill(d, d + width, 1.0f);  // no dip for the later passes either
      } else {
        lags[t] = FirstDip(d, g, options.threshold);
      }
    }
  }
  RepairOctaves(differences, g, &lags);
  DropIslands(&lags);
  GrowVoiced(differences, g, &lags);

  std::vector<float> f0(lags.size());
  std::transform(lags.begin(), lags.end(), f0.begin(),
                 [&](double lag) { return lag > 0.0 ? static_cast<float>(audio.sample_rate / lag) : 0.0f; });
  return f0;
}

}  // namespace m2tts
