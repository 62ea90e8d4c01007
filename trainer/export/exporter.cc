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

// What a stage that the run has not trained started from; `missing` when there is no such thing.
StatusOr<StageWeights> FromStart(const TrainConfig& config, const std::string& stage, const Status& missing) {
  if (config.init_from.empty()) return missing;
  M2TTS_ASSIGN_OR_RETURN(StageWeights found, LoadInitialWeights(config.init_from, stage, config.speakers));
  if (found.weights.empty()) return missing;
  found.messages.push_back(fmt::format("{}: not trained by this run, from {}", stage, config.init_from));
  return found;
}

void AddMessages(const StageWeights& stage, ExportReport* report) {
  report->messages.insert(report->messages.end(), stage.messages.begin(), stage.messages.end());
}

}  // namespace

StatusOr<ExportReport> ExportVoice(const ExportOptions& options) {
  if (nlohmann::json::parse(options.metrics_json, nullptr, false).is_discarded()) {
    return InvalidArgument("metrics: not JSON");
  }
  auto acoustic = LoadStageWeights(options.run, "acoustic", options.best);
  if (!acoustic.ok() && !absl::IsNotFound(acoustic.status())) return acoustic.status();
  auto vocoder = LoadStageWeights(options.run, "vocoder", options.best);
  if (!vocoder.ok() && (!absl::IsNotFound(vocoder.status()) || !acoustic.ok())) {
    return acoustic.ok() ? vocoder.status() : acoustic.status();
  }
  M2TTS_ASSIGN_OR_RETURN(const TrainConfig config,
                         ParseTrainConfig((acoustic.ok() ? acoustic : vocoder)->config, "the run's config"));
  if (!acoustic.ok()) acoustic = FromStart(config, "acoustic", acoustic.status());
  if (!vocoder.ok() && config.model.vocoder.type != "griffin_lim") {
    vocoder = FromStart(config, "vocoder", vocoder.status());
  }
  if (!acoustic.ok()) return acoustic.status();
  ExportReport report;
  report.acoustic_steps = acoustic->steps;
  AddMessages(*acoustic, &report);

  VoiceManifest manifest;
  manifest.model = acoustic->model;
  TensorMap weights = acoustic->weights;
  if (vocoder.ok()) {
    report.vocoder_steps = vocoder->steps;
    AddMessages(*vocoder, &report);
    // Each stage knows its own part: they may come from different runs, or from a config that changed
    // between.
    if (vocoder->audio.ToJson() != acoustic->audio.ToJson()) {
      return Errorf(StatusCode::kFailedPrecondition,
                    "{}: the stages 'acoustic' and 'vocoder' have other audio settings: {} and {}",
                    options.run.string(), acoustic->audio.ToJson(), vocoder->audio.ToJson());
    }
    manifest.model.vocoder = vocoder->model.vocoder;
    weights.merge(vocoder->weights);
  } else if (absl::IsNotFound(vocoder.status())) {
    manifest.model.vocoder.type = "griffin_lim";
  } else {
    return vocoder.status();
  }
  M2TTS_ASSIGN_OR_RETURN(const auto model, M2TTSModel::Create(manifest.model, acoustic->audio));
  M2TTS_RETURN_IF_ERROR(Annotate(model->LoadWeights(weights), options.run.string()));
  report.vocoder = manifest.model.vocoder.type;
  report.parameters = model->ParameterCount();
  report.gflop_per_audio_second = GflopPerAudioSecond(manifest.model, acoustic->audio, *model->vocoder);

  manifest.name = FolderName(options.output);
  manifest.language = config.language;
  manifest.description = config.description;
  manifest.licence = config.licence;
  manifest.speakers = config.speakers;
  manifest.phoneme_set_version = kPhonemeSetVersion;
  manifest.audio = acoustic->audio;
  manifest.weights_dtype = options.dtype;
  manifest.provenance_json = Provenance(config, report, options);
  M2TTS_RETURN_IF_ERROR(SaveVoiceBundle(options.output, manifest, weights));
  M2TTS_RETURN_IF_ERROR(CheckRoundTrip(options.output, weights));
  M2TTS_ASSIGN_OR_RETURN(const VoiceBundle saved, LoadVoiceBundle(options.output));
  report.bytes = saved.bytes;
  return report;
}

}  // namespace m2tts
