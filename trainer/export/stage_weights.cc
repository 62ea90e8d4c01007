#include "trainer/export/stage_weights.h"

#include <algorithm>

#include "core/base/file.h"
#include "core/voice/voice_bundle.h"
#include "trainer/config/train_config.h"
#include "trainer/loop/checkpoint.h"
#include "trainer/loop/optimizer.h"

namespace m2tts {
namespace {

constexpr char kSpeakerEmbedding[] = "acoustic.encoder.speakers.weight";

bool IsVoice(const std::filesystem::path& source) {
  return Exists(source / "voice.json");
}

StatusOr<StageWeights> FromVoice(const std::filesystem::path& folder, const std::string& stage) {
  M2TTS_ASSIGN_OR_RETURN(const VoiceBundle bundle, LoadVoiceBundle(folder));
  StageWeights found;
  for (const auto& [name, tensor] : bundle.weights) {
    if (name.rfind(stage + ".", 0) == 0) found.weights.emplace(name, tensor);
  }
  found.speakers = bundle.manifest.speakers;
  found.model = bundle.manifest.model;
  found.audio = bundle.manifest.audio;
  return found;
}

// Averages replace the weights of the same names.
TensorMap Averaged(const TensorMap& state, const std::string& stage) {
  TensorMap weights;
  for (const std::string kind : {"weights.", "average."}) {
    const std::string prefix = stage + "." + kind;
    for (const auto& [name, tensor] : state) {
      if (name.rfind(prefix, 0) == 0) weights[stage + "." + name.substr(prefix.size())] = tensor;
    }
  }
  return weights;
}

torch::Tensor OrderRows(const torch::Tensor& rows, const std::vector<std::string>& from,
                        const std::vector<std::string>& to) {
  std::vector<torch::Tensor> ordered;
  for (const std::string& speaker : to) {
    const auto found = std::find(from.begin(), from.end(), speaker);
    ordered.push_back(found == from.end() ? rows.mean(0) : rows[found - from.begin()]);
  }
  return torch::stack(ordered);
}

}  // namespace

StatusOr<StageWeights> LoadStageWeights(const std::filesystem::path& run, const std::string& stage,
                                        bool best) {
  const CheckpointFolder folder(run / stage, 1);
  Checkpoint checkpoint;
  std::vector<std::string> messages;
  if (best) {
    M2TTS_ASSIGN_OR_RETURN(checkpoint, folder.LoadBest(&messages));
  } else {
    M2TTS_ASSIGN_OR_RETURN(auto latest, folder.LoadLatest(&messages));
    if (!latest.has_value()) {
      return NotFound("{}: no checkpoint; run `m2tts-trainer train` first", (run / stage).string());
    }
    checkpoint = *std::move(latest);
  }
  M2TTS_ASSIGN_OR_RETURN(const TrainConfig config, ParseTrainConfig(checkpoint.config, "the run's config"));
  return StageWeights{Averaged(checkpoint.state, stage),
                      config.speakers,
                      config.model,
                      config.audio,
                      checkpoint.config,
                      checkpoint.step,
                      std::move(messages)};
}

StatusOr<StageWeights> LoadWeightsOf(const std::filesystem::path& source, const std::string& stage) {
  if (IsVoice(source)) return FromVoice(source, stage);
  return LoadStageWeights(source, stage, false);
}

StatusOr<AcousticModel> MakeAcousticModel(const StageWeights& acoustic, const std::filesystem::path& source) {
  AcousticModel model(acoustic.model, acoustic.audio);
  M2TTS_RETURN_IF_ERROR(Annotate(
      CopyTensors(WithPrefix(acoustic.weights, "acoustic."), NamedTensors(*model, "")), source.string()));
  model->eval();
  return model;
}

StatusOr<StageWeights> LoadInitialWeights(const std::filesystem::path& source, const std::string& stage,
                                          const std::vector<std::string>& speakers) {
  auto found = LoadWeightsOf(source, stage);
  if (absl::IsNotFound(found.status()) && !IsVoice(source) && IsFolder(source)) return StageWeights();
  M2TTS_RETURN_IF_ERROR(Annotate(found.status(), "init_from"));
  const auto embedding = found->weights.find(kSpeakerEmbedding);
  if (embedding != found->weights.end()) {
    embedding->second = OrderRows(embedding->second, found->speakers, speakers);
  }
  for (const std::string& speaker : speakers) {
    const auto& known = found->speakers;
    if (embedding == found->weights.end() || std::count(known.begin(), known.end(), speaker) > 0) continue;
    found->messages.push_back(
        fmt::format("speaker '{}' is new: it starts as the mean of the others", speaker));
  }
  return found;
}

}  // namespace m2tts
