#include "trainer/data/speech_statistics.h"

#include <cmath>

#include "core/base/file.h"
#include "core/base/sha256.h"
#include "core/voice/safetensors.h"

namespace m2tts {
namespace {

// Variance floors, of natural log-mel and of ln F0.
constexpr double kLeastVariance = 1e-4;
constexpr double kDefaultPitchMean = 5.0;  // ln of 148 Hz, where nothing was voiced
constexpr double kDefaultPitchDeviation = 0.25;

struct Moments {
  double count = 0;
  torch::Tensor sum;      // float64 [n]
  torch::Tensor squares;  // float64 [n]

  explicit Moments(int n)
      : sum(torch::zeros({n}, torch::kFloat64)), squares(torch::zeros({n}, torch::kFloat64)) {}
  // Not in place: copies of an object share its tensors.
  void Add(const torch::Tensor& values) {  // [T, n]
    const auto exact = values.to(torch::kFloat64);
    count += static_cast<double>(values.size(0));
    sum = sum + exact.sum(0);
    squares = squares + exact.square().sum(0);
  }
  void Add(const Moments& other) {
    count += other.count;
    sum = sum + other.sum;
    squares = squares + other.squares;
  }
  torch::Tensor Mean() const { return sum / count; }
  // Summed squared distances from the mean.
  torch::Tensor Spread() const { return squares - sum.square() / count; }
};

}  // namespace

StatusOr<SpeechStatistics> MeasureStatistics(const Corpus& corpus, int speakers, int n_mels) {
  std::vector<Moments> mel(speakers, Moments(n_mels)), pitch(speakers, Moments(1));
  int previous = -1;
  for (const int i : corpus.training) {
    if (i == previous) continue;  // a clip that is seen several times
    previous = i;
    const int speaker = corpus.utterances[i].speaker;
    M2TTS_ASSIGN_OR_RETURN(const ClipFeatures features, corpus.Features(i));
    mel[speaker].Add(features.mel);
    const auto& log_pitch = features.log_pitch;
    if (log_pitch[0].item<float>() != 0.0f) pitch[speaker].Add(log_pitch.unsqueeze(1));
  }
  Moments all(n_mels);
  auto spread = torch::zeros({n_mels}, torch::kFloat64);
  for (const Moments& m : mel) {
    all.Add(m);
    if (m.count > 0) spread += m.Spread();
  }
  SpeechStatistics statistics;
  std::vector<torch::Tensor> means;
  std::vector<float> pitches;
  for (int s = 0; s < speakers; ++s) {
    means.push_back((mel[s].count > 0 ? mel[s] : all).Mean().to(torch::kFloat32));
    const Moments& m = pitch[s];
    pitches.push_back(static_cast<float>(m.count > 0 ? m.Mean().item<double>() : kDefaultPitchMean));
    pitches.push_back(static_cast<float>(
        m.count > 0 ? std::sqrt(std::max(m.Spread().item<double>() / m.count, kLeastVariance))
                    : kDefaultPitchDeviation));
  }
  statistics.mel_mean = torch::stack(means);
  statistics.mel_deviation = (spread / all.count).clamp_min(kLeastVariance).sqrt().to(torch::kFloat32);
  statistics.pitch = torch::tensor(pitches).view({speakers, 2});
  return statistics;
}

StatusOr<SpeechStatistics> CachedStatistics(const Corpus& corpus, int speakers, int n_mels,
                                            const std::filesystem::path& folder) {
  std::string clips = fmt::format("{} {}", speakers, n_mels);
  for (const int i : corpus.training) {
    clips += fmt::format("\n{} {}", corpus.utterances[i].speaker, corpus.utterances[i].features_key);
  }
  const auto path = folder / fmt::format("statistics-{}.safetensors", Sha256Hex(clips));
  if (std::filesystem::exists(path)) {
    auto file = ReadSafetensors(path);
    if (file.ok() && file->tensors.size() == 3) {
      return SpeechStatistics{file->tensors["mel_mean"].clone(), file->tensors["mel_deviation"].clone(),
                              file->tensors["pitch"].clone()};
    }
  }
  M2TTS_ASSIGN_OR_RETURN(SpeechStatistics statistics, MeasureStatistics(corpus, speakers, n_mels));
  const TensorMap tensors = {{"mel_mean", statistics.mel_mean},
                             {"mel_deviation", statistics.mel_deviation},
                             {"pitch", statistics.pitch}};
  M2TTS_ASSIGN_OR_RETURN(const std::string bytes, SerializeSafetensors(tensors, {}));
  M2TTS_RETURN_IF_ERROR(WriteFileAtomic(path, bytes));
  return statistics;
}

}  // namespace m2tts
