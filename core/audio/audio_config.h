// The audio settings that a model is trained for, and their one YAML schema.
#pragma once

#include <yaml-cpp/yaml.h>

#include "core/base/status.h"

namespace m2tts {

// librosa's definition of a mel spectrogram: Slaney scale and area norm, periodic Hann,
// magnitude (power 1), centred with reflect padding, natural log with a floor.
struct AudioConfig {
  int sample_rate = 22050;  // Hz
  int n_fft = 1024;         // samples, also the window length
  int hop_length = 256;     // samples per frame
  int n_mels = 64;
  double f_min = 0.0;       // Hz
  double f_max = 11025.0;   // Hz
  double log_floor = 1e-5;  // magnitudes below are raised to it before the log

  double frames_per_second() const { return static_cast<double>(sample_rate) / hop_length; }

  // Reads the mapping strictly; `path` names it in errors.
  static StatusOr<AudioConfig> FromYaml(const YAML::Node& node, const std::string& path);
  // As JSON for voice.json; FromYaml reads it back.
  std::string ToJson() const;
  Status Validate() const;
};

}  // namespace m2tts
