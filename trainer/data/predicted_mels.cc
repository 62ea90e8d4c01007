#include "trainer/data/predicted_mels.h"

#include <algorithm>

#include <fmt/ranges.h>

#include "core/base/file.h"
#include "core/base/sha256.h"
#include "core/device/guard.h"
#include "trainer/data/batch.h"
#include "trainer/data/clip_list.h"
#include "trainer/export/stage_weights.h"

namespace m2tts {
namespace {

namespace fs = std::filesystem;

constexpr char kMel[] = "mel";
constexpr char kSum[] = "sha256";

std::string HashOf(const torch::Tensor& tensor) {
  const auto whole = tensor.contiguous();
  return Sha256Hex({static_cast<const char*>(whole.data_ptr()), whole.nbytes()});
}

std::string HashOf(const TensorMap& weights) {
  std::string hashes;
  for (const auto& [name, tensor] : weights) hashes += fmt::format("{} {}\n", name, HashOf(tensor));
  return Sha256Hex(hashes);
}

// Index in the model of each speaker of the corpus; that of the end for one that the model does not know.
std::vector<int64_t> MatchSpeakers(const std::vector<std::string>& speakers,
                                   const std::vector<std::string>& model) {
  std::vector<int64_t> indices;
  for (const std::string& speaker : speakers) {
    indices.push_back(std::find(model.begin(), model.end(), speaker) - model.begin());
  }
  return indices;
}

Status CheckPredictor(const fs::path& source, const StageWeights& found, const TrainConfig& config) {
  const auto indices = MatchSpeakers(config.speakers, found.speakers);
  for (size_t i = 0; i < indices.size(); ++i) {
    if (indices[i] < static_cast<int64_t>(found.speakers.size())) continue;
    return InvalidArgument("vocoder.predicted_by: {} has no speaker '{}'", source.string(),
                           config.speakers[i]);
  }
  if (found.audio.ToJson() == config.audio.ToJson()) return OkStatus();
  return InvalidArgument("vocoder.predicted_by: {} has other audio settings than the config: {} and {}",
                         source.string(), found.audio.ToJson(), config.audio.ToJson());
}

bool IsThere(const fs::path& file, int64_t frames) {
  const auto read = ReadSafetensors(file);
  if (!read.ok() || read->tensors.count(kMel) == 0) return false;
  const auto& mel = read->tensors.at(kMel);
  return mel.dim() == 2 && mel.size(0) == frames;
}

// The model is in eval mode: several threads may ask it.
StatusOr<torch::Tensor> PredictOne(AcousticModel* model, const Corpus& corpus, int item, int64_t speaker) {
  M2TTS_ASSIGN_OR_RETURN(AcousticBatch batch, MakeAcousticBatch(corpus, {item}));
  batch.phonemes.speaker.fill_(speaker);
  return Guard("prediction of mels", [&]() -> StatusOr<torch::Tensor> {
    torch::NoGradGuard no_grad;
    const auto output =
        (*model)->forward(batch.phonemes, batch.durations, batch.pitch, batch.frame_pitch, batch.energy);
    return (*model)->RestoreMel(output.mel, batch.phonemes.speaker)[0].to(torch::kHalf);
  });
}

Status Write(const fs::path& file, const torch::Tensor& mel) {
  M2TTS_ASSIGN_OR_RETURN(const std::string bytes, SerializeSafetensors({{kMel, mel}}, {{kSum, HashOf(mel)}}));
  return WriteFileAtomic(file, bytes);
}

// What other models made, and what a write that was killed has left.
void RemoveOthers(const fs::path& folder, const std::set<std::string>& names) {
  std::error_code error;
  fs::directory_iterator entry(folder, error), end;
  for (; !error && entry != end; entry.increment(error)) {
    std::error_code ignored;  // costs disk, not correctness
    if (names.count(entry->path().filename().string()) == 0) fs::remove(entry->path(), ignored);
  }
}

}  // namespace

Status CheckPredictor(const fs::path& source, const TrainConfig& config) {
  const auto found = LoadWeightsOf(source, "acoustic");
  M2TTS_RETURN_IF_ERROR(Annotate(found.status(), "vocoder.predicted_by"));
  return CheckPredictor(source, *found, config);
}

StatusOr<torch::Tensor> PredictedMels::Read(const std::string& id) const {
  const fs::path file = folder_ / names_.at(id);
  M2TTS_ASSIGN_OR_RETURN(SafetensorsFile read, ReadSafetensors(file));
  const auto mel = read.tensors.find(kMel);
  if (mel == read.tensors.end() || HashOf(mel->second) != read.metadata[kSum]) {
    return DataLoss("{}: damaged; delete it and run again", file.string());
  }
  return mel->second;
}

StatusOr<PredictedMels> PredictMels(const fs::path& source, const Corpus& corpus, const TrainConfig& config,
                                    const fs::path& folder, const LoadProgress& progress) {
  M2TTS_ASSIGN_OR_RETURN(const StageWeights found, LoadWeightsOf(source, "acoustic"));
  M2TTS_RETURN_IF_ERROR(CheckPredictor(source, found, config));
  const auto indices = MatchSpeakers(config.speakers, found.speakers);
  M2TTS_ASSIGN_OR_RETURN(AcousticModel model, MakeAcousticModel(found, source));
  const std::string made_by = HashOf(found.weights);
  PredictedMels mels(folder);
  std::vector<int> items;
  for (size_t i = 0; i < corpus.utterances.size(); ++i) {
    if (!corpus.utterances[i].durations.empty()) items.push_back(static_cast<int>(i));  // not left out
  }
  std::vector<std::string> names(items.size());
  M2TTS_RETURN_IF_ERROR(ParallelForShown(items.size(), progress, [&](size_t i) -> Status {
    const Utterance& utterance = corpus.utterances[items[i]];
    const int64_t speaker = indices[utterance.speaker];
    names[i] =
        Sha256Hex(fmt::format("{} {} {} {} {}", made_by, utterance.features_key, speaker,
                              HashOfReading(utterance.sentence), fmt::join(utterance.durations, " "))) +
        ".safetensors";
    if (IsThere(folder / names[i], utterance.frames)) return OkStatus();
    M2TTS_ASSIGN_OR_RETURN(const auto mel, PredictOne(&model, corpus, items[i], speaker));
    return Write(folder / names[i], mel);
  }));
  for (size_t i = 0; i < items.size(); ++i) mels.Add(corpus.utterances[items[i]].id, names[i]);
  RemoveOthers(folder, {names.begin(), names.end()});
  return mels;
}

}  // namespace m2tts
