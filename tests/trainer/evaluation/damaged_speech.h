// Something like speech, and ways to damage it. tests/golden/make_quality_golden.py makes the same samples.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

namespace m2tts {

// Two seconds of a voice: harmonics of a wandering pitch under two wandering formants, four syllables a
// second.
inline std::vector<float> SpeechLike(int rate) {
  std::vector<float> wave(static_cast<size_t>(2 * rate));
  double phase = 0.0;
  for (size_t i = 0; i < wave.size(); ++i) {
    const double t = static_cast<double>(i) / rate;
    const double pitch = 120.0 + 20.0 * std::sin(2.0 * t);
    phase += 2.0 * M_PI * pitch / rate;
    const double formants[2] = {500.0 + 200.0 * std::sin(9.0 * t), 1500.0 + 500.0 * std::cos(7.0 * t)};
    double sum = 0.0;
    for (int h = 1; h <= 30; ++h) {
      double gain = 0.02;
      for (const double formant : formants) gain += std::exp(-std::pow((h * pitch - formant) / 200.0, 2));
      sum += gain * std::sin(h * phase);
    }
    wave[i] = static_cast<float>(0.1 * sum * (0.1 + std::pow(std::sin(4.0 * M_PI * t), 2)));
  }
  return wave;
}

// Uniform noise from a linear congruential generator (Numerical Recipes), in [-1, 1).
inline std::vector<float> Noise(size_t count) {
  std::vector<float> noise(count);
  uint32_t state = 1;
  for (float& sample : noise) {
    state = state * 1664525u + 1013904223u;
    sample = static_cast<float>(static_cast<double>(state) / 2147483648.0 - 1.0);
  }
  return noise;
}

inline double Power(const std::vector<float>& wave) {
  double sum = 0.0;
  for (const float sample : wave) sum += static_cast<double>(sample) * sample;
  return sum / static_cast<double>(wave.size());
}

inline std::vector<float> WithNoise(std::vector<float> wave, double snr_db) {
  const std::vector<float> noise = Noise(wave.size());
  const double gain = std::sqrt(Power(wave) / Power(noise)) * std::pow(10.0, -snr_db / 20.0);
  for (size_t i = 0; i < wave.size(); ++i) wave[i] += static_cast<float>(gain * noise[i]);
  return wave;
}

// `share` of the peak is kept.
inline std::vector<float> Clipped(std::vector<float> wave, float share) {
  const float peak = share * *std::max_element(wave.begin(), wave.end());
  for (float& sample : wave) sample = std::clamp(sample, -peak, peak);
  return wave;
}

// Low-passed by one pole, both ways: no delay.
inline std::vector<float> Muffled(std::vector<float> wave, double pole) {
  for (int way = 0; way < 2; ++way) {
    double state = 0.0;
    for (float& sample : wave) {
      state += (1.0 - pole) * (sample - state);
      sample = static_cast<float>(state);
    }
    std::reverse(wave.begin(), wave.end());
  }
  return wave;
}

}  // namespace m2tts
