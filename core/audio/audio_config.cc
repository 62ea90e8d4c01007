#include "core/audio/audio_config.h"

#include <nlohmann/json.hpp>

#include "core/base/strict_yaml.h"

namespace m2tts {

StatusOr<AudioConfig> AudioConfig::FromYaml(const YAML::Node& node, const std::string& path) {
  AudioConfig config;
  StrictYaml yaml(node, path);
  yaml.Optional("sample_rate", &config.sample_rate, Range{8000, 96000});
  yaml.Optional("n_fft", &config.n_fft, Range{64, 16384});
  yaml.Optional("hop_length", &config.hop_length, Range{16, 8192});
  yaml.Optional("n_mels", &config.n_mels, Range{1, 512});
  yaml.Optional("f_min", &config.f_min, Range{0.0, 48000.0});
  yaml.Optional("f_max", &config.f_max, Range{1.0, 48000.0});
  yaml.Optional("log_floor", &config.log_floor, Range{1e-12, 1.0});
  M2TTS_RETURN_IF_ERROR(yaml.Finish());
  M2TTS_RETURN_IF_ERROR(Annotate(config.Validate(), path));
  return config;
}

std::string AudioConfig::ToJson() const {
  nlohmann::ordered_json json = {
      {"sample_rate", sample_rate}, {"n_fft", n_fft}, {"hop_length", hop_length},
      {"n_mels", n_mels},           {"f_min", f_min}, {"f_max", f_max},
      {"log_floor", log_floor},
  };
  return json.dump();
}

Status AudioConfig::Validate() const {
  if (sample_rate < 8000 || sample_rate > 96000) {
    return InvalidArgument("sample_rate: {} Hz is outside [8000, 96000]", sample_rate);
  }
  if (n_fft < 64 || n_fft > 16384 || n_fft % 2 != 0) {
    return InvalidArgument("n_fft: {} must be an even number from 64 to 16384", n_fft);
  }
  // A longer hop leaves samples that no window covers well, so the inverse would be undefined there.
  if (hop_length < 16 || hop_length > n_fft / 2) {
    return InvalidArgument("hop_length: {} is outside [16, n_fft / 2 = {}]", hop_length, n_fft / 2);
  }
  if (n_mels < 1 || n_mels > n_fft / 2) {
    return InvalidArgument("n_mels: {} is outside [1, n_fft / 2 = {}]", n_mels, n_fft / 2);
  }
  // Written so that NaN fails too.
  if (!(f_min >= 0.0 && f_min < f_max)) {
    return InvalidArgument("f_min: {} Hz must lie in [0, f_max = {})", f_min, f_max);
  }
  if (!(f_max <= sample_rate / 2.0)) {
    return InvalidArgument("f_max: {} Hz is above half the sample rate ({} Hz)", f_max, sample_rate / 2.0);
  }
  if (!(log_floor > 0.0 && log_floor <= 1.0)) {
    return InvalidArgument("log_floor: {} is outside (0, 1]", log_floor);
  }
  return OkStatus();
}

}  // namespace m2tts
