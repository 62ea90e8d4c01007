#include "trainer/evaluation/visqol.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/audio/codec.h"
#include "trainer/evaluation/gammatone.h"

namespace m2tts {
namespace {

constexpr int kVisqolRate = 16000;
constexpr int64_t kWindow = kVisqolRate * 80 / 1000;
constexpr int64_t kHop = kWindow / 4;
constexpr double kLowestBandHz = 50.0;
constexpr double kHighestBandHz = 8000.0;
constexpr double kDepthDb = 45.0;  // below full scale, and below the loudest band of a frame
constexpr int64_t kPatchFrames = 20;
constexpr int64_t kFirstPatch = kPatchFrames / 2 - 1;
constexpr double kSpeechRms = 5000.0 / 32768.0;  // of a hop, relative to the peak

using Frame = GammatoneBank::Levels;
using Spectrogram = std::vector<Frame>;

double MeanSquare(const std::vector<float>& wave) {
  double sum = 0.0;
  for (const float sample : wave) sum += static_cast<double>(sample) * sample;
  return wave.empty() ? 0.0 : sum / static_cast<double>(wave.size());
}

// The bands' levels in the window that begins at `start`, in dB as ViSQOL counts them: 10 lg of amplitude.
// What lies outside the wave is silence.
Frame LevelsAt(const std::vector<float>& wave, int64_t start, double gain, const GammatoneBank& bank) {
  std::vector<double> window(kWindow);
  for (int64_t i = 0; i < kWindow; ++i) {
    const int64_t at = start + i;
    if (at < 0 || at >= static_cast<int64_t>(wave.size())) continue;
    window[i] = gain * wave[at] * (0.5 - 0.5 * std::cos(2.0 * M_PI * static_cast<double>(i) / (kWindow - 1)));
  }
  Frame levels = bank.Filter(window);
  for (double& level : levels) {
    level = std::max(-kDepthDb, 10.0 * std::log10(std::max(level, std::numeric_limits<double>::epsilon())));
  }
  return levels;
}

// Both at most kDepthDb below the louder one's loudest band in each frame, and from 0 up.
void LimitDepth(Spectrogram* a, Spectrogram* b) {
  double least = std::numeric_limits<double>::max();
  for (size_t t = 0; t < a->size(); ++t) {
    Frame &x = (*a)[t], &y = (*b)[t];
    const double floor =
        std::max(*std::max_element(x.begin(), x.end()), *std::max_element(y.begin(), y.end())) - kDepthDb;
    for (int band = 0; band < GammatoneBank::kBands; ++band) {
      x[band] = std::max(x[band], floor);
      y[band] = std::max(y[band], floor);
      least = std::min({least, x[band], y[band]});
    }
  }
  for (Spectrogram* spectrogram : {a, b}) {
    for (Frame& frame : *spectrogram) {
      for (double& level : frame) level -= least;
    }
  }
}

// NSIM of the patch of both spectrograms that begins at `first`: at each point intensity times structure,
// from means and variances under a Gaussian of 3 x 3 points; edges are repeated.
double PatchSimilarity(const Spectrogram& a, const Spectrogram& b, int64_t first) {
  constexpr double kGaussian[3] = {0.0113033910173052, 0.0838251475442633, 0.619485845753726};  // by distance
  constexpr double kC1 = 0.01 * 0.01, kC3 = 0.03 * 0.03 / 2;
  double sum = 0.0;
  for (int64_t t = 0; t < kPatchFrames; ++t) {
    for (int64_t k = 0; k < GammatoneBank::kBands; ++k) {
      double mean_a = 0, mean_b = 0, aa = 0, bb = 0, ab = 0;
      for (int64_t dt = -1; dt <= 1; ++dt) {
        for (int64_t dk = -1; dk <= 1; ++dk) {
          const double weight = kGaussian[2 - std::abs(dt) - std::abs(dk)];
          const int64_t frame = first + std::clamp<int64_t>(t + dt, 0, kPatchFrames - 1);
          const int64_t band = std::clamp<int64_t>(k + dk, 0, GammatoneBank::kBands - 1);
          const double x = a[frame][band], y = b[frame][band];
          mean_a += weight * x;
          mean_b += weight * y;
          aa += weight * x * x;
          bb += weight * y * y;
          ab += weight * x * y;
        }
      }
      const double variances = (aa - mean_a * mean_a) * (bb - mean_b * mean_b);
      const double intensity = (2 * mean_a * mean_b + kC1) / (mean_a * mean_a + mean_b * mean_b + kC1);
      const double structure = (ab - mean_a * mean_b + kC3) / (std::sqrt(std::max(0.0, variances)) + kC3);
      sum += intensity * structure;
    }
  }
  return sum / static_cast<double>(kPatchFrames * GammatoneBank::kBands);
}

bool HasSpeech(const std::vector<float>& wave, int64_t first_sample, double peak) {
  for (int64_t begin = first_sample; begin < first_sample + kPatchFrames * kHop; begin += kHop) {
    double energy = 0.0;
    for (int64_t i = begin; i < begin + kHop; ++i) energy += static_cast<double>(wave[i]) * wave[i];
    if (std::sqrt(energy / kHop) >= kSpeechRms * peak) return true;
  }
  return false;
}

// The fit of version 3.3, scaled so that equal signals have 5.
double OpinionOf(double similarity) {
  if (similarity < 0.15) return 1.0;
  const double mos = -262.847869 + std::exp(0.0154302525 * (similarity + 361.063949));
  return std::clamp(1.245063 * mos, 1.0, 5.0);
}

}  // namespace

StatusOr<double> VisqolMos(const std::vector<float>& reference, const std::vector<float>& system,
                           int sample_rate, const TimeMap& same_moment) {
  M2TTS_ASSIGN_OR_RETURN(const std::vector<float> x, ToMono({sample_rate, 1, reference}, kVisqolRate));
  M2TTS_ASSIGN_OR_RETURN(const std::vector<float> y, ToMono({sample_rate, 1, system}, kVisqolRate));
  const double power_x = MeanSquare(x), power_y = MeanSquare(y);
  if (!(power_x > 0.0 && power_y > 0.0))
    return InvalidArgument("ViSQOL needs two signals that are not silent");
  const double gain = std::sqrt(power_x / power_y);

  const GammatoneBank bank(kVisqolRate, kLowestBandHz, kHighestBandHz);
  Spectrogram a, b;
  for (int64_t start = 0; start + kWindow <= static_cast<int64_t>(x.size()); start += kHop) {
    const double centre = (static_cast<double>(start) + 0.5 * kWindow) / kVisqolRate;
    const int64_t other =
        same_moment == nullptr ? start : std::llround(same_moment(centre) * kVisqolRate) - kWindow / 2;
    a.push_back(LevelsAt(x, start, 1.0, bank));
    b.push_back(LevelsAt(y, other, gain, bank));
  }
  LimitDepth(&a, &b);

  const float peak = *std::max_element(x.begin(), x.end());
  double sum = 0.0;
  int64_t patches = 0;
  for (int64_t first = kFirstPatch; first + kPatchFrames <= static_cast<int64_t>(a.size());
       first += kPatchFrames) {
    if (!HasSpeech(x, first * kHop, peak)) continue;
    sum += PatchSimilarity(a, b, first);
    ++patches;
  }
  if (patches == 0) return InvalidArgument("ViSQOL needs 650 ms of speech");
  return OpinionOf(sum / static_cast<double>(patches));
}

}  // namespace m2tts
