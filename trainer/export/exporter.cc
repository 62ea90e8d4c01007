#include "trainer/export/exporter.h"

#include <nlohmann/json.hpp>

#include "core/base/version.h"
#include "core/device/device.h"
#include "core/model/m2tts_model.h"
#include "core/text/phoneme.h"
#include "core/voice/voice_bundle.h"
#include "core/voice/weight_storage.h"
#include "trainer/export/stage_weights.h"

namespace m2tts {
namespace {

std::string Provenance(const TrainConfig& config, const ExportReport& report, const ExportOptions& options) {
  const auto metrics = nlohmann::ordered_json::parse(options.metrics_json, nullptr, false);
  std::vector<std::string> roots;
  for (const DataSource& source : config.data.sources) roots.push_back(source.root);
  const nlohmann::ordered_json provenance = {{"trainer", Version()},
                                             {"commit", Commit()},
                                             {"libtorch", TorchVersion()},
                                             {"corpus", roots},
                                             {"config", config.source_text},
                                             {"acoustic_steps", report.acoustic_steps},
                                             {"vocoder_steps", report.vocoder_steps},
                                             {"parameters", report.parameters},
                                             {"gflop_per_audio_second", report.gflop_per_audio_second},
                                             {"metrics", metrics}};
  return provenance.dump();
}

// What was saved must read as what storing and widening make of the weights.
Status CheckRoundTrip(const std::filesystem::path& folder, const TensorMap& weights) {
  M2TTS_ASSIGN_OR_RETURN(const VoiceBundle bundle, LoadVoiceBundle(folder));
  const std::string& dtype = bundle.manifest.weights_dtype;
  M2TTS_ASSIGN_OR_RETURN(TensorMap stored, StoreWeights(weights, dtype));
  M2TTS_ASSIGN_OR_RETURN(const TensorMap wanted, WidenWeights(std::move(stored), dtype));
  for (const auto& [name, tensor] : wanted) {
    const auto found = bundle.weights.find(name);
    if (found == bundle.weights.end() || !torch::equal(found->second, tensor)) {
      return DataLoss("{}: tensor '{}' did not survive the round trip", folder.string(), name);
    }
  }
  return OkStatus();
}

// What a stage that the run has not trained started from; without weights when there is no such thing.
StatusOr<StageWeights> FromStart(const TrainConfig& config, const std::string& stage) {
  if (config.init_from.empty()) return StageWeights();
  auto found = LoadWeightsOf(config.init_from, stage);
  // A run without that stage, but not one that has gone.
  if (absl::IsNotFound(found.status()) && IsFolder(config.init_from)) return StageWeights();
  if (!found.ok()) return Annotate(found.status(), "init_from");
  if (found->weights.empty()) return found;
  found->messages.push_back(fmt::format("{}: not trained by this run, from {}", stage, config.init_from));
  return found;
}

// What a voice is made of.
struct Stages {
  TrainConfig config;  // of the run
  StageWeights acoustic;
  StageWeights vocoder;  // without weights: griffin_lim
};

StatusOr<Stages> LoadStages(const ExportOptions& options) {
  Stages stages;
  const auto acoustic = LoadStageWeights(options.run, "acoustic", options.best);
  const auto vocoder = LoadStageWeights(options.run, "vocoder", options.best);
  if (!acoustic.ok() && (!absl::IsNotFound(acoustic.status()) || !vocoder.ok())) return acoustic.status();
  if (!vocoder.ok() && !absl::IsNotFound(vocoder.status())) return vocoder.status();
  M2TTS_ASSIGN_OR_RETURN(stages.config,
                         ParseTrainConfig((acoustic.ok() ? acoustic : vocoder)->config, "the run's config"));
  if (acoustic.ok()) {
    stages.acoustic = *acoustic;
  } else {
    M2TTS_ASSIGN_OR_RETURN(stages.acoustic, FromStart(stages.config, "acoustic"));
    if (stages.acoustic.weights.empty()) return acoustic.status();
  }
  // Each stage knows its own part: they may come from different runs, or from a config that changed between.
  const std::string audio = stages.acoustic.audio.ToJson();
  if (vocoder.ok()) {
    stages.vocoder = *vocoder;
    if (stages.vocoder.audio.ToJson() == audio) return stages;
    return Errorf(StatusCode::kFailedPrecondition,
                  "{}: the stages 'acoustic' and 'vocoder' have other audio settings: {} and {}",
                  options.run.string(), audio, stages.vocoder.audio.ToJson());
  }
  if (stages.config.model.vocoder.type == "griffin_lim") return stages;
  M2TTS_ASSIGN_OR_RETURN(stages.vocoder, FromStart(stages.config, "vocoder"));
  if (stages.vocoder.weights.empty() || stages.vocoder.audio.ToJson() == audio) return stages;
  stages.vocoder = {};
  stages.vocoder.messages = {
      fmt::format("vocoder: griffin_lim, as that of {} has other audio settings", stages.config.init_from)};
  return stages;
}

}  // namespace

StatusOr<ExportReport> ExportVoice(const ExportOptions& options) {
  if (nlohmann::json::parse(options.metrics_json, nullptr, false).is_discarded()) {
    return InvalidArgument("metrics: not JSON");
  }
  M2TTS_ASSIGN_OR_RETURN(const Stages stages, LoadStages(options));
  const auto& [config, acoustic, vocoder] = stages;
  ExportReport report;
  report.acoustic_steps = acoustic.steps;
  report.vocoder_steps = vocoder.steps;
  report.messages = acoustic.messages;
  report.messages.insert(report.messages.end(), vocoder.messages.begin(), vocoder.messages.end());

  VoiceManifest manifest;
  manifest.model = acoustic.model;
  TensorMap weights = acoustic.weights;
  if (vocoder.weights.empty()) {
    manifest.model.vocoder.type = "griffin_lim";
  } else {
    manifest.model.vocoder = vocoder.model.vocoder;
    weights.insert(vocoder.weights.begin(), vocoder.weights.end());
  }
  M2TTS_ASSIGN_OR_RETURN(const auto model, M2TTSModel::Create(manifest.model, acoustic.audio));
  M2TTS_RETURN_IF_ERROR(Annotate(model->LoadWeights(weights), options.run.string()));
  report.vocoder = manifest.model.vocoder.type;
  report.parameters = model->ParameterCount();
  report.gflop_per_audio_second = GflopPerAudioSecond(manifest.model, acoustic.audio, *model->vocoder);

  manifest.name = FolderName(options.output);
  manifest.language = config.language;
  manifest.description = config.description;
  manifest.licence = config.licence;
  manifest.speakers = acoustic.speakers;
  manifest.phoneme_set_version = kPhonemeSetVersion;
  manifest.phrase_breaks = config.data.phrase_breaks;
  manifest.audio = acoustic.audio;
  manifest.weights_dtype = options.dtype;
  manifest.provenance_json = Provenance(config, report, options);
  M2TTS_RETURN_IF_ERROR(SaveVoiceBundle(options.output, manifest, weights));
  M2TTS_RETURN_IF_ERROR(CheckRoundTrip(options.output, weights));
  M2TTS_ASSIGN_OR_RETURN(const VoiceBundle saved, LoadVoiceBundle(options.output));
  report.bytes = saved.bytes;
  return report;
}

}  // namespace m2tts
