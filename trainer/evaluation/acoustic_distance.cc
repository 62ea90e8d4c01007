#include "trainer/evaluation/acoustic_distance.h"

#include <torch/torch.h>

#include <cmath>

#include "core/audio/mel.h"
#include "core/audio/pitch.h"
#include "trainer/evaluation/mel_warp.h"
#include "trainer/evaluation/silence.h"
#include "trainer/evaluation/visqol.h"

namespace m2tts {
namespace {

// [N] -> natural log-mel, float64 [T, n_mels].
torch::Tensor LogMel(const std::vector<float>& wave, const AudioConfig& audio) {
  const torch::InferenceMode guard;
  const MelSpectrogram mel(audio, torch::kFloat64);
  const torch::Tensor samples = torch::from_blob(const_cast<float*>(wave.data()),
                                                 {1, static_cast<int64_t>(wave.size())}, torch::kFloat32)
                                    .to(torch::kFloat64);
  return mel(samples)[0].t().contiguous();
}

// In dB, mean over bands.
double MelDistance(const double* a, const double* b, int bands) {
  double sum = 0.0;
  for (int k = 0; k < bands; ++k) sum += std::abs(a[k] - b[k]);
  return 20.0 / std::log(10.0) * sum / bands;
}

StatusOr<std::vector<float>> Trimmed(const std::vector<float>& wave, const AudioConfig& audio,
                                     const char* side) {
  std::vector<float> trimmed = TrimSilence(wave, {audio.hop_length});
  const size_t least = std::max<size_t>(audio.n_fft / 2 + 1, audio.sample_rate / 20);
  if (trimmed.size() < least) {
    return InvalidArgument("the {} has only {} samples of sound, fewer than {}", side, trimmed.size(), least);
  }
  return trimmed;
}

// Where a moment of the reference lies on the path: the middle of the frames that its frame is paired with.
TimeMap AlongPath(const WarpingPath& path, double hop_seconds) {
  std::vector<double> sum(path.back().first + 1), count(sum.size());
  for (const auto& [i, j] : path) {
    sum[i] += static_cast<double>(j);
    ++count[i];
  }
  return [=](double seconds) {
    const auto frame = static_cast<size_t>(std::max(0.0, seconds / hop_seconds + 0.5));
    const size_t i = std::min(frame, sum.size() - 1);
    return sum[i] / count[i] * hop_seconds;
  };
}

std::optional<double> RootMean(double sum, size_t count) {
  if (count == 0) return std::nullopt;
  return std::sqrt(sum / static_cast<double>(count));
}

}  // namespace

std::optional<double> PitchDistance::rmse_hz() const {
  return RootMean(squared_hz, voiced_pairs);
}
std::optional<double> PitchDistance::rmse_cents() const {
  return RootMean(squared_cents, voiced_pairs);
}

PitchDistance& PitchDistance::operator+=(const PitchDistance& other) {
  squared_hz += other.squared_hz;
  squared_cents += other.squared_cents;
  voiced_pairs += other.voiced_pairs;
  unequal_pairs += other.unequal_pairs;
  pairs += other.pairs;
  return *this;
}

PitchDistance ComparePitch(const std::vector<float>& reference, const std::vector<float>& system,
                           const WarpingPath& path) {
  PitchDistance distance;
  for (const auto& [i, j] : path) {
    const double a = i < reference.size() ? reference[i] : 0.0;
    const double b = j < system.size() ? system[j] : 0.0;
    ++distance.pairs;
    if ((a > 0) != (b > 0)) ++distance.unequal_pairs;
    if (a <= 0 || b <= 0) continue;
    const double cents = 1200.0 * std::log2(b / a);
    ++distance.voiced_pairs;
    distance.squared_hz += (b - a) * (b - a);
    distance.squared_cents += cents * cents;
  }
  return distance;
}

Status CheckRecording(const std::vector<float>& recording, const AudioConfig& audio) {
  return Trimmed(recording, audio, "recording").status();
}

StatusOr<AcousticDistance> CompareAcoustics(const std::vector<float>& reference,
                                            const std::vector<float>& system, const AudioConfig& audio,
                                            bool aligned) {
  M2TTS_ASSIGN_OR_RETURN(const std::vector<float> a, Trimmed(reference, audio, "recording"));
  M2TTS_ASSIGN_OR_RETURN(const std::vector<float> b, Trimmed(system, audio, "synthesized audio"));
  const torch::Tensor mel_a = LogMel(a, audio), mel_b = LogMel(b, audio);
  M2TTS_ASSIGN_OR_RETURN(const MelWarp warp, WarpMels(mel_a, mel_b));
  const WarpingPath& path = warp.path;
  AcousticDistance distance;
  distance.mcd_db = warp.mcd_db;
  for (const auto& [i, j] : path) {
    distance.mel_distance_db += MelDistance(mel_a.data_ptr<double>() + i * audio.n_mels,
                                            mel_b.data_ptr<double>() + j * audio.n_mels, audio.n_mels);
  }
  distance.mel_distance_db /= static_cast<double>(path.size());
  const double hop = 1.0 / audio.frames_per_second();
  const auto mos = aligned ? VisqolMos(reference, system, audio.sample_rate)
                           : VisqolMos(a, b, audio.sample_rate, AlongPath(path, hop));
  if (mos.ok()) distance.mos_estimate = *mos;
  distance.pitch = ComparePitch(EstimatePitch(a, audio), EstimatePitch(b, audio), path);
  distance.reference_seconds = static_cast<double>(a.size()) / audio.sample_rate;
  distance.system_seconds = static_cast<double>(b.size()) / audio.sample_rate;
  return distance;
}

}  // namespace m2tts
