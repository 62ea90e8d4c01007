// Clips for tests of corpora.
#pragma once

#include <string>
#include <vector>

#include "core/audio/codec.h"
#include "trainer/data/sampler.h"

namespace m2tts {

// Noise, so that every mel band is full.
inline std::vector<float> Noise(size_t samples, float level) {
  std::vector<float> wave(samples);
  for (size_t i = 0; i < samples; ++i) {
    wave[i] = level * static_cast<float>(2.0 * HashUniform(1, 2, i) - 1.0);
  }
  return wave;
}

inline std::string Wav(const std::vector<float>& wave) {
  return *EncodeAudio(wave, 22050, AudioEncoding::kWav);
}

}  // namespace m2tts
