// Signals and files that the audio tests share.
#pragma once

#include <cmath>
#include <string>
#include <vector>

#include "core/audio/codec.h"

namespace m2tts {

inline std::string ClipPath(const std::string& name) {
  return std::string(M2TTS_SOURCE_DIR) + "/tests/data/ljspeech/" + name + ".wav";
}

inline std::vector<float> Sine(double hz, double seconds, int sample_rate, double amplitude = 0.5) {
  std::vector<float> wave(static_cast<size_t>(seconds * sample_rate));
  for (size_t i = 0; i < wave.size(); ++i) {
    wave[i] =
        static_cast<float>(amplitude * std::sin(2.0 * M_PI * hz * static_cast<double>(i) / sample_rate));
  }
  return wave;
}

}  // namespace m2tts
