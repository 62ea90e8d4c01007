#include "trainer/data/speech_statistics.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <vector>

#include "core/base/file.h"
#include "core/base/sha256.h"
#include "core/voice/safetensors.h"

namespace m2tts {
namespace {

// Variance floor, of natural log-mel, ln F0 and log-energy.
constexpr double kLeastVariance = 1e-4;
constexpr double kDefaultPitchMean = 5.0;  // ln of 148 Hz, where nothing was voiced
constexpr double kDefaultPitchDeviation = 0.25;
constexpr char kStatisticsSum[] = "sha256";

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

struct MeanAndDeviation {
  double mean = 0.0;
  double deviation = 1.0;
};

// Of moments of one value; `none` when they are of nothing.
MeanAndDeviation RangeOf(const Moments& moments, const MeanAndDeviation& none) {
  if (moments.count == 0) return none;
  const double variance = moments.Spread().item<double>() / moments.count;
  return {moments.Mean().item<double>(), std::sqrt(std::max(variance, kLeastVariance))};
}

// float32 [speakers, 2]: mean and deviation of each, `none` where there is nothing.
torch::Tensor RangesOf(const std::vector<Moments>& speakers, const MeanAndDeviation& none) {
  std::vector<float> values;
  for (const Moments& moments : speakers) {
    const MeanAndDeviation range = RangeOf(moments, none);
    values.push_back(static_cast<float>(range.mean));
    values.push_back(static_cast<float>(range.deviation));
  }
  return torch::tensor(values).view({-1, 2});
}

// What is kept in a file, by name.
std::map<std::string, torch::Tensor SpeechStatistics::*> StatisticsFields() {
  return {{"mel_mean", &SpeechStatistics::mel_mean},
          {"mel_deviation", &SpeechStatistics::mel_deviation},
          {"pitch", &SpeechStatistics::pitch},
          {"energy", &SpeechStatistics::energy}};
}

// Of the bytes; what shapes there must be is known.
std::string StatisticsSum(const SpeechStatistics& statistics) {
  std::string sums;
  for (const auto& [name, field] : StatisticsFields()) {
    const torch::Tensor& tensor = statistics.*field;
    sums += Sha256Hex({static_cast<const char*>(tensor.data_ptr()), tensor.nbytes()});
  }
  return Sha256Hex(sums);
}

StatusOr<SpeechStatistics> ReadStatistics(const std::filesystem::path& path, int speakers, int n_mels) {
  M2TTS_ASSIGN_OR_RETURN(SafetensorsFile file, ReadSafetensors(path));
  const std::map<std::string, std::vector<int64_t>> shapes = {{"mel_mean", {speakers, n_mels}},
                                                              {"mel_deviation", {n_mels}},
                                                              {"pitch", {speakers, 2}},
                                                              {"energy", {speakers, 2}}};
  SpeechStatistics statistics;
  for (const auto& [name, field] : StatisticsFields()) {
    const auto found = file.tensors.find(name);
    if (found == file.tensors.end()) return DataLoss("{}: no tensor '{}'", path.string(), name);
    if (found->second.scalar_type() != torch::kFloat32 || found->second.sizes() != shapes.at(name)) {
      return DataLoss("{}: tensor '{}' has another shape", path.string(), name);
    }
    statistics.*field = found->second.clone();
  }
  if (file.metadata[kStatisticsSum] != StatisticsSum(statistics)) {
    return DataLoss("{}: wrong checksum", path.string());
  }
  return statistics;
}

}  // namespace

StatusOr<SpeechStatistics> MeasureStatistics(const Corpus& corpus, int speakers, int n_mels) {
  std::vector<Moments> mel(speakers, Moments(n_mels)), pitch(speakers, Moments(1)),
      energy(speakers, Moments(1));
  int previous = -1;
  for (const int i : corpus.training) {
    if (i == previous) continue;  // a clip that is seen several times
    previous = i;
    const int speaker = corpus.utterances[i].speaker;
    M2TTS_ASSIGN_OR_RETURN(const ClipFeatures features, corpus.Features(i));
    mel[speaker].Add(features.mel);
    energy[speaker].Add(features.energy.unsqueeze(1));
    const auto& log_pitch = features.log_pitch;
    if (log_pitch[0].item<float>() != 0.0f) pitch[speaker].Add(log_pitch.unsqueeze(1));
  }
  Moments all(n_mels), all_energy(1);
  auto spread = torch::zeros({n_mels}, torch::kFloat64);
  for (int s = 0; s < speakers; ++s) {
    all.Add(mel[s]);
    all_energy.Add(energy[s]);
    if (mel[s].count > 0) spread += mel[s].Spread();
  }
  std::vector<torch::Tensor> means;
  for (const Moments& m : mel) means.push_back((m.count > 0 ? m : all).Mean().to(torch::kFloat32));
  SpeechStatistics statistics;
  statistics.mel_mean = torch::stack(means);
  statistics.mel_deviation = (spread / all.count).clamp_min(kLeastVariance).sqrt().to(torch::kFloat32);
  statistics.pitch = RangesOf(pitch, {kDefaultPitchMean, kDefaultPitchDeviation});
  statistics.energy = RangesOf(energy, RangeOf(all_energy, {}));
  return statistics;
}

StatusOr<SpeechStatistics> CachedStatistics(const Corpus& corpus, int speakers, int n_mels,
                                            const std::filesystem::path& folder) {
  std::string clips = fmt::format("{} {}", speakers, n_mels);
  for (const int i : corpus.training) {
    clips += fmt::format("\n{} {}", corpus.utterances[i].speaker, corpus.utterances[i].features_key);
  }
  const auto path = folder / fmt::format("statistics-{}.safetensors", Sha256Hex(clips));
  auto kept = ReadStatistics(path, speakers, n_mels);
  if (kept.ok()) return kept;
  M2TTS_ASSIGN_OR_RETURN(SpeechStatistics statistics, MeasureStatistics(corpus, speakers, n_mels));
  TensorMap tensors;
  for (const auto& [name, field] : StatisticsFields()) tensors.emplace(name, statistics.*field);
  M2TTS_ASSIGN_OR_RETURN(const std::string bytes,
                         SerializeSafetensors(tensors, {{kStatisticsSum, StatisticsSum(statistics)}}));
  (void)WriteFileAtomic(path, bytes);  // a cache that cannot be written costs time at the next start
  return statistics;
}

}  // namespace m2tts
