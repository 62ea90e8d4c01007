#include "core/model/model_config.h"

#include <numeric>

#include <nlohmann/json.hpp>

#include "core/base/strict_yaml.h"

namespace m2tts {
namespace {

StatusOr<VocoderConfig> VocoderFromYaml(const YAML::Node& node, const std::string& path) {
  VocoderConfig config;
  StrictYaml yaml(node, path);
  yaml.Optional("type", &config.type, {"istft", "hifigan", "griffin_lim"});
  yaml.Optional("hidden", &config.hidden, Range{4, 1024});
  yaml.Optional("blocks", &config.blocks, Range{1, 32});
  yaml.Optional("expansion", &config.expansion, Range{1, 8});
  yaml.Optional("kernel", &config.kernel, Range{1, 31});
  yaml.Optional("upsample", &config.upsample, Range{2, 16});
  yaml.Optional("resblock_kernels", &config.resblock_kernels, Range{1, 15});
  yaml.Optional("resblock_dilations", &config.resblock_dilations, Range{1, 5});
  M2TTS_RETURN_IF_ERROR(yaml.Finish());
  return config;
}

Status RequireOdd(const char* field, int value) {
  if (value % 2 == 1) return OkStatus();
  return InvalidArgument("model.{}: {} is even; a kernel centred on its frame has an odd width", field,
                         value);
}

}  // namespace

StatusOr<ModelConfig> ModelConfig::FromYaml(const YAML::Node& node, const std::string& path) {
  ModelConfig config;
  StrictYaml yaml(node, path);
  yaml.Optional("hidden", &config.hidden, Range{8, 1024});
  yaml.Optional("heads", &config.heads, Range{1, 16});
  yaml.Optional("encoder_layers", &config.encoder_layers, Range{1, 16});
  yaml.Optional("decoder_layers", &config.decoder_layers, Range{1, 16});
  yaml.Optional("ffn_multiplier", &config.ffn_multiplier, Range{1, 8});
  yaml.Optional("ffn_kernel", &config.ffn_kernel, Range{1, 15});
  yaml.Optional("depthwise_kernel", &config.depthwise_kernel, Range{0, 31});
  yaml.Optional("decoder_attention", &config.decoder_attention, Range{-1, 64});
  yaml.Optional("predictor_hidden", &config.predictor_hidden, Range{8, 1024});
  yaml.Optional("predictor_layers", &config.predictor_layers, Range{1, 8});
  yaml.Optional("predictor_kernel", &config.predictor_kernel, Range{1, 15});
  yaml.Optional("pitch", &config.pitch);
  yaml.Optional("frame_pitch", &config.frame_pitch);
  yaml.Optional("energy", &config.energy);
  yaml.Optional("speakers", &config.speakers, Range{1, 4096});
  yaml.Optional("dropout", &config.dropout, Range{0.0, 0.9});
  auto vocoder = VocoderFromYaml(yaml.Child("vocoder"), yaml.ChildPath("vocoder"));
  yaml.Merge(vocoder.status());
  M2TTS_RETURN_IF_ERROR(yaml.Finish());
  config.vocoder = *std::move(vocoder);
  M2TTS_RETURN_IF_ERROR(config.Validate());
  return config;
}

std::string ModelConfig::ToJson() const {
  nlohmann::ordered_json json = {{"hidden", hidden},
                                 {"heads", heads},
                                 {"encoder_layers", encoder_layers},
                                 {"decoder_layers", decoder_layers},
                                 {"ffn_multiplier", ffn_multiplier},
                                 {"ffn_kernel", ffn_kernel},
                                 {"depthwise_kernel", depthwise_kernel},
                                 {"decoder_attention", decoder_attention},
                                 {"predictor_hidden", predictor_hidden},
                                 {"predictor_layers", predictor_layers},
                                 {"predictor_kernel", predictor_kernel},
                                 {"pitch", pitch},
                                 {"speakers", speakers},
                                 {"dropout", dropout},
                                 {"vocoder",
                                  {{"type", vocoder.type},
                                   {"hidden", vocoder.hidden},
                                   {"blocks", vocoder.blocks},
                                   {"expansion", vocoder.expansion},
                                   {"kernel", vocoder.kernel},
                                   {"upsample", vocoder.upsample},
                                   {"resblock_kernels", vocoder.resblock_kernels},
                                   {"resblock_dilations", vocoder.resblock_dilations}}}};
  // Programs from before these keys refuse them, and need not where they say nothing.
  if (frame_pitch) json["frame_pitch"] = true;
  if (energy) json["energy"] = true;
  return json.dump();
}

Status ModelConfig::Validate() const {
  if (hidden % heads != 0) {
    return InvalidArgument("model.heads: hidden {} is not a multiple of {} heads", hidden, heads);
  }
  if (frame_pitch && !pitch) return InvalidArgument("model.frame_pitch: needs model.pitch");
  M2TTS_RETURN_IF_ERROR(RequireOdd("ffn_kernel", ffn_kernel));
  M2TTS_RETURN_IF_ERROR(RequireOdd("predictor_kernel", predictor_kernel));
  M2TTS_RETURN_IF_ERROR(RequireOdd("vocoder.kernel", vocoder.kernel));
  if (depthwise_kernel != 0) M2TTS_RETURN_IF_ERROR(RequireOdd("depthwise_kernel", depthwise_kernel));
  for (const int kernel : vocoder.resblock_kernels) {
    M2TTS_RETURN_IF_ERROR(RequireOdd("vocoder.resblock_kernels", kernel));
  }
  constexpr size_t kMostFactors = 10, kMostKernels = 8;
  const auto check_length = [](const char* field, const std::vector<int>& values, size_t most) -> Status {
    if (!values.empty() && values.size() <= most) return OkStatus();
    return InvalidArgument("model.vocoder.{}: has {} values, not 1 to {}", field, values.size(), most);
  };
  M2TTS_RETURN_IF_ERROR(check_length("upsample", vocoder.upsample, kMostFactors));
  M2TTS_RETURN_IF_ERROR(check_length("resblock_kernels", vocoder.resblock_kernels, kMostKernels));
  if (vocoder.type == "hifigan" && (vocoder.hidden >> vocoder.upsample.size()) < 1) {
    return InvalidArgument("model.vocoder.hidden: {} cannot be halved {} times", vocoder.hidden,
                           vocoder.upsample.size());
  }
  return OkStatus();
}

int ModelConfig::DecoderReceptiveField() const {
  if (decoder_attention < 0) return -1;
  const int per_side =
      decoder_attention + (ffn_kernel - 1) / 2 + (depthwise_kernel > 0 ? (depthwise_kernel - 1) / 2 : 0);
  return 2 * decoder_layers * per_side + 1;
}

}  // namespace m2tts
