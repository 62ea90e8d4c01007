#include "trainer/config/train_config.h"

#include <algorithm>

#include <fmt/ranges.h>

#include "core/base/file.h"
#include "core/base/strict_yaml.h"
#include "core/text/fold.h"

namespace m2tts {
namespace {

constexpr double kMaxSteps = 1e8;

Status ReadSource(const YAML::Node& node, const std::string& path, DataConfig* data) {
  DataSource source;
  StrictYaml yaml(node, path);
  yaml.Require("root");
  yaml.Optional("root", &source.root);
  yaml.Optional("speaker", &source.speaker);
  yaml.Optional("align_by", &source.align_by);
  yaml.Optional("repeat", &source.repeat, Range{1, 1000});
  yaml.Optional("limit", &source.limit, Range{0, 1e7});
  data->sources.push_back(source);
  return yaml.Finish();
}

Status ReadData(const YAML::Node& node, const std::string& path, DataConfig* data) {
  StrictYaml yaml(node, path);
  const std::vector<YAML::Node> sources = yaml.Children("sources");
  if (sources.empty()) yaml.Require("root");
  if (!sources.empty() && node["root"]) yaml.Fail("root", "give either root or sources");
  if (!sources.empty() && node["limit"]) yaml.Fail("limit", "each of the sources has its own");
  yaml.Optional("root", &data->root);
  yaml.Optional("cache", &data->cache);
  yaml.Optional("cache_gigabytes", &data->cache_gigabytes, Range{0, 1e6});
  yaml.Optional("validation", &data->validation, Range{1, 10000});
  yaml.Optional("min_seconds", &data->min_seconds, Range{0.1, 60});
  yaml.Optional("max_seconds", &data->max_seconds, Range{0.2, 60});
  yaml.Optional("phrase_breaks", &data->phrase_breaks);
  double loudness = 0.0;  // beyond the range: not given
  yaml.Optional("loudness", &loudness, Range{-40, -10});
  if (loudness != 0.0) data->loudness = loudness;
  yaml.Optional("limit", &data->limit, Range{0, 1e7});
  if (data->min_seconds > data->max_seconds) {
    yaml.Fail("min_seconds",
              fmt::format("{} is more than max_seconds, {}", data->min_seconds, data->max_seconds));
  }
  for (size_t i = 0; i < sources.size(); ++i) {
    yaml.Merge(ReadSource(sources[i], fmt::format("{}.sources[{}]", path, i), data));
  }
  return yaml.Finish();
}

// A corpus names a speaker of the list, or its layout does.
Status ResolveSources(TrainConfig* config) {
  const auto& speakers = config->speakers;
  if (config->data.sources.empty()) {
    config->data.sources.push_back({config->data.root, "", "", 1, config->data.limit});
  }
  for (const DataSource& source : config->data.sources) {
    if (source.speaker.empty()) continue;
    if (std::find(speakers.begin(), speakers.end(), source.speaker) == speakers.end()) {
      return InvalidArgument("data.sources: '{}' of {} is not one of speakers: {}", source.speaker,
                             source.root, fmt::join(speakers, ", "));
    }
  }
  if (config->model.speakers != 1 && config->model.speakers != static_cast<int>(speakers.size())) {
    return InvalidArgument("model.speakers: {}, but speakers has {} names", config->model.speakers,
                           speakers.size());
  }
  config->model.speakers = static_cast<int>(speakers.size());
  return OkStatus();
}

Status ReadStage(const YAML::Node& node, const std::string& path, StageConfig* stage) {
  StrictYaml yaml(node, path);
  yaml.Optional("steps", &stage->steps, Range{1, kMaxSteps});
  yaml.Optional("learning_rate", &stage->learning_rate, Range{0, 1});
  yaml.Optional("warmup_steps", &stage->warmup_steps, Range{0, kMaxSteps});
  yaml.Optional("final_ratio", &stage->final_ratio, Range{0, 1});
  yaml.Optional("weight_decay", &stage->weight_decay, Range{0, 1});
  yaml.Optional("gradient_clip", &stage->gradient_clip, Range{0, 1e6});
  yaml.Optional("ema_decay", &stage->ema_decay, Range{0, 0.999999});
  yaml.Optional("validate_every", &stage->validate_every, Range{1, kMaxSteps});
  yaml.Optional("checkpoint_every", &stage->checkpoint_every, Range{1, kMaxSteps});
  yaml.Optional("samples_every", &stage->samples_every, Range{0, kMaxSteps});
  yaml.Optional("keep_checkpoints", &stage->keep_checkpoints, Range{1, 1000});
  yaml.Optional("trainable", &stage->trainable);
  yaml.Optional("milestone_every", &stage->milestone_every, Range{0, kMaxSteps});
  yaml.Optional("log_every", &stage->log_every, Range{1, kMaxSteps});
  yaml.Optional("accumulate", &stage->accumulate, Range{1, 1024});
  for (const char* key : {"precision", "recompute"}) {
    if (path == "aligner" && node && node[key]) yaml.Fail(key, "the aligner has none");
  }
  yaml.Optional("precision", &stage->precision, {"fp32", "bf16", "fp16"});
  yaml.Optional("recompute", &stage->recompute);
  yaml.Optional("frames_per_batch", &stage->frames_per_batch, Range{64, 1e6});
  yaml.Optional("segments_per_batch", &stage->segments_per_batch, Range{1, 4096});
  yaml.Optional("segment_frames", &stage->segment_frames, Range{16, 1024});
  yaml.Optional("predicted_by", &stage->predicted_by);
  yaml.Optional("predicted_share", &stage->predicted_share, Range{0, 1});
  return yaml.Finish();
}

Status ReadAcousticLoss(const YAML::Node& node, const std::string& path, AcousticLossConfig* loss) {
  StrictYaml yaml(node, path);
  yaml.Optional("duration_weight", &loss->duration_weight, Range{0, 100});
  yaml.Optional("pitch_weight", &loss->pitch_weight, Range{0, 100});
  yaml.Optional("energy_weight", &loss->energy_weight, Range{0, 100});
  yaml.Optional("cepstral_weight", &loss->cepstral_weight, Range{0, 100});
  yaml.Optional("adversarial_from", &loss->adversarial_from, Range{-1, kMaxSteps});
  yaml.Optional("discriminator_warmup", &loss->discriminator_warmup, Range{0, kMaxSteps});
  yaml.Optional("adversarial_weight", &loss->adversarial_weight, Range{0, 1000});
  yaml.Optional("feature_weight", &loss->feature_weight, Range{0, 1000});
  yaml.Optional("discriminator_learning_rate", &loss->discriminator_learning_rate, Range{0, 1});
  yaml.Optional("discriminator_channels", &loss->discriminator_channels, Range{1, 512});
  yaml.Optional("patch_frames", &loss->patch_frames, Range{8, 1024});
  return yaml.Finish();
}

Status ReadVocoderLoss(const YAML::Node& node, const std::string& path, VocoderLossConfig* loss) {
  StrictYaml yaml(node, path);
  yaml.Optional("mel_weight", &loss->mel_weight, Range{0, 1000});
  yaml.Optional("stft_weight", &loss->stft_weight, Range{0, 1000});
  yaml.Optional("cepstral_weight", &loss->cepstral_weight, Range{0, 100});
  yaml.Optional("adversarial_from", &loss->adversarial_from, Range{-1, kMaxSteps});
  yaml.Optional("discriminator_warmup", &loss->discriminator_warmup, Range{0, kMaxSteps});
  yaml.Optional("adversarial_weight", &loss->adversarial_weight, Range{0, 1000});
  yaml.Optional("feature_weight", &loss->feature_weight, Range{0, 1000});
  yaml.Optional("discriminator_learning_rate", &loss->discriminator_learning_rate, Range{0, 1});
  yaml.Optional("discriminator_channels", &loss->discriminator_channels, Range{1, 512});
  return yaml.Finish();
}

// Sizes that a phase does not give are those of `model`.
StatusOr<GrowthPhase> ReadPhase(const YAML::Node& node, const std::string& path, const YAML::Node& model) {
  GrowthPhase phase;
  YAML::Node sizes = model && model.IsMap() ? YAML::Clone(model) : YAML::Node(YAML::NodeType::Map);
  StrictYaml yaml(node, path);
  yaml.Require("steps");
  yaml.Optional("steps", &phase.steps, Range{1, kMaxSteps});
  for (const char* key :
       {"hidden", "heads", "encoder_layers", "decoder_layers", "ffn_multiplier", "predictor_hidden"}) {
    int value = 0;
    yaml.Optional(key, &value, Range{1, 4096});
    if (node.IsMap() && node[key]) sizes[key] = value;
  }
  M2TTS_RETURN_IF_ERROR(yaml.Finish());
  M2TTS_ASSIGN_OR_RETURN(phase.model, ModelConfig::FromYaml(sizes, path));
  return phase;
}

Status ReadProgressive(StrictYaml* yaml, const YAML::Node& model, TrainConfig* config) {
  const auto phases = yaml->Children("progressive");
  for (size_t i = 0; i < phases.size(); ++i) {
    M2TTS_ASSIGN_OR_RETURN(GrowthPhase phase, ReadPhase(phases[i], fmt::format("progressive[{}]", i), model));
    config->progressive.push_back(std::move(phase));
  }
  return OkStatus();
}

// After the number of speakers is known.
Status CheckPhases(TrainConfig* config) {
  for (size_t i = 0; i < config->progressive.size(); ++i) {
    config->progressive[i].model.speakers = config->model.speakers;
  }
  for (size_t i = 0; i < config->progressive.size(); ++i) {
    const bool last = i + 1 == config->progressive.size();
    const ModelConfig& next = last ? config->model : config->progressive[i + 1].model;
    M2TTS_RETURN_IF_ERROR(
        Annotate(CheckGrowth(config->progressive[i].model, next), fmt::format("progressive[{}]", i)));
  }
  if (!config->progressive.empty() && !config->init_from.empty()) {
    return InvalidArgument("progressive: a run that starts from another (init_from) does not grow");
  }
  return OkStatus();
}

// The line of the first byte that no program could show.
Status CheckUtf8(const std::string& text) {
  const size_t bad = FindInvalidUtf8(text);
  if (bad == std::string::npos) return OkStatus();
  return InvalidArgument("line {}: byte 0x{:02x} is not UTF-8 text; save the file as UTF-8",
                         1 + std::count(text.begin(), text.begin() + static_cast<ptrdiff_t>(bad), '\n'),
                         static_cast<unsigned char>(text[bad]));
}

// What the vocoder would refuse when its turn comes, hours later.
Status CheckUpsample(const YAML::Node& root, const TrainConfig& config) {
  const VocoderConfig& vocoder = config.model.vocoder;
  int64_t product = 1;
  for (const int factor : vocoder.upsample) product *= factor;
  if (vocoder.type != "hifigan" || product == config.audio.hop_length) return OkStatus();
  StrictYaml yaml(root["model"]["vocoder"], "model.vocoder");
  yaml.Fail("upsample", fmt::format("the product of the factors is {}, audio.hop_length {}", product,
                                    config.audio.hop_length));
  return yaml.Finish();
}

// Losses of spectra need more than half of their longest window.
Status CheckSegments(const YAML::Node& root, const TrainConfig& config) {
  const int64_t samples = int64_t{config.vocoder.segment_frames} * config.audio.hop_length;
  constexpr int64_t kHalfOfLongest = 1024;  // of those of MultiResolutionStftLoss
  const int64_t least = std::max<int64_t>(kHalfOfLongest, config.audio.n_fft / 2);
  if (config.model.vocoder.type == "griffin_lim" || samples > least) return OkStatus();
  StrictYaml yaml(root["vocoder"], "vocoder");
  yaml.Fail("segment_frames",
            fmt::format("{} frames of {} samples (audio.hop_length) are {}, and more than {} are "
                        "needed for its losses",
                        config.vocoder.segment_frames, config.audio.hop_length, samples, least));
  return yaml.Finish();
}

void ReadLevel(StrictYaml* yaml, const std::string& key, std::optional<Level>* level) {
  std::string name = level->has_value() ? LevelName(**level) : "never";
  yaml->Optional(key, &name, {"fair", "serious", "critical", "never"});
  *level = ParseLevel(name);
}

Status ReadProtection(const YAML::Node& node, const std::string& path, ProtectionConfig* protection) {
  StrictYaml yaml(node, path);
  yaml.Optional("enabled", &protection->enabled);
  yaml.Optional("sample_seconds", &protection->sample_seconds, Range{0.01, 3600});
  ReadLevel(&yaml, "pause_at", &protection->pause_at);
  ReadLevel(&yaml, "stop_at", &protection->stop_at);
  yaml.Optional("sensors", &protection->sensors);
  protection->levels.Read(&yaml);
  return yaml.Finish();
}

}  // namespace

Status CheckGrowth(const ModelConfig& from, const ModelConfig& to) {
  const auto multiple = [](const char* what, int small, int large) {
    if (large % small == 0) return OkStatus();
    return InvalidArgument("{} grows from {} to {}, which is no multiple of it", what, small, large);
  };
  M2TTS_RETURN_IF_ERROR(multiple("hidden", from.hidden, to.hidden));
  M2TTS_RETURN_IF_ERROR(multiple("heads", from.heads, to.heads));
  M2TTS_RETURN_IF_ERROR(multiple("hidden / heads", from.hidden / from.heads, to.hidden / to.heads));
  M2TTS_RETURN_IF_ERROR(
      multiple("hidden * ffn_multiplier", from.hidden * from.ffn_multiplier, to.hidden * to.ffn_multiplier));
  M2TTS_RETURN_IF_ERROR(multiple("predictor_hidden", from.predictor_hidden, to.predictor_hidden));
  const auto deeper = [](const char* what, int small, int large) {
    return large >= small ? OkStatus() : InvalidArgument("{} shrinks from {} to {}", what, small, large);
  };
  M2TTS_RETURN_IF_ERROR(deeper("encoder_layers", from.encoder_layers, to.encoder_layers));
  M2TTS_RETURN_IF_ERROR(deeper("decoder_layers", from.decoder_layers, to.decoder_layers));
  ModelConfig rest = from;  // with the sizes that may grow as in `to`
  rest.hidden = to.hidden;
  rest.heads = to.heads;
  rest.ffn_multiplier = to.ffn_multiplier;
  rest.predictor_hidden = to.predictor_hidden;
  rest.encoder_layers = to.encoder_layers;
  rest.decoder_layers = to.decoder_layers;
  rest.dropout = to.dropout;
  rest.vocoder = to.vocoder;
  if (rest.ToJson() == to.ToJson()) return OkStatus();
  return InvalidArgument("only widths and numbers of layers grow");
}

StatusOr<TrainConfig> ParseTrainConfig(const std::string& text, const std::string& source) {
  M2TTS_RETURN_IF_ERROR(Annotate(CheckUtf8(text), source));
  M2TTS_ASSIGN_OR_RETURN(const YAML::Node root, ParseYaml(text, source));
  // Nothing may be looked up in a text: yaml-cpp throws.
  if (root.IsScalar()) return Annotate(StrictYaml(root, "").Finish(), source);
  TrainConfig config;
  config.source_text = text;
  int64_t seed = static_cast<int64_t>(config.seed);
  StrictYaml yaml(root, "");
  yaml.Optional("name", &config.name);
  yaml.Optional("language", &config.language);
  std::string speaker;
  yaml.Optional("speaker", &speaker);
  if (!speaker.empty()) config.speakers = {speaker};
  if (root["speaker"] && root["speakers"]) yaml.Fail("speaker", "give either speaker or speakers");
  yaml.Optional("speakers", &config.speakers);
  if (config.speakers.empty()) yaml.Fail("speakers", "at least one name is needed");
  yaml.Optional("description", &config.description);
  yaml.Optional("licence", &config.licence);
  yaml.Optional("seed", &seed, Range{0, 1e15});
  yaml.Optional("threads", &config.threads, Range{0, 1024});
  yaml.Optional("device", &config.device, {"cpu", "cuda", "mps", "auto"});
  yaml.Optional("init_from", &config.init_from);
  yaml.Require("data");
  yaml.Merge(ReadData(yaml.Child("data"), "data", &config.data));
  auto audio = AudioConfig::FromYaml(yaml.Child("audio"), "audio");
  yaml.Merge(audio.status());
  auto model = ModelConfig::FromYaml(yaml.Child("model"), "model");
  yaml.Merge(model.status());
  yaml.Merge(ReadProgressive(&yaml, root["model"], &config));
  yaml.Merge(ReadStage(yaml.Child("aligner"), "aligner", &config.aligner));
  yaml.Merge(ReadStage(yaml.Child("acoustic"), "acoustic", &config.acoustic));
  yaml.Merge(ReadStage(yaml.Child("vocoder"), "vocoder", &config.vocoder));
  yaml.Merge(ReadAcousticLoss(yaml.Child("acoustic_loss"), "acoustic_loss", &config.acoustic_loss));
  yaml.Merge(ReadVocoderLoss(yaml.Child("vocoder_loss"), "vocoder_loss", &config.vocoder_loss));
  yaml.Merge(ReadProtection(yaml.Child("protection"), "protection", &config.protection));
  M2TTS_RETURN_IF_ERROR(Annotate(yaml.Finish(), source));
  config.seed = static_cast<uint64_t>(seed);
  config.audio = *std::move(audio);
  config.model = *std::move(model);
  M2TTS_RETURN_IF_ERROR(Annotate(ResolveSources(&config), source));
  M2TTS_RETURN_IF_ERROR(Annotate(CheckPhases(&config), source));
  M2TTS_RETURN_IF_ERROR(Annotate(CheckUpsample(root, config), source));
  M2TTS_RETURN_IF_ERROR(Annotate(CheckSegments(root, config), source));
  return config;
}

StatusOr<TrainConfig> LoadTrainConfig(const std::filesystem::path& path) {
  M2TTS_ASSIGN_OR_RETURN(const std::string text, ReadFile(path, size_t{1} << 20));
  return ParseTrainConfig(text, path.string());
}

}  // namespace m2tts
