// Streaming sample-rate conversion by soxr (high quality).
#pragma once

#include <memory>
#include <vector>

#include "core/base/status.h"

namespace m2tts {

// Mono. The whole output has round(input * to / from) samples, without delay at the start.
// One thread at a time.
class Resampler {
 public:
  static StatusOr<std::unique_ptr<Resampler>> Create(int from_rate, int to_rate);
  ~Resampler();

  // Feeds samples and returns what is ready. With equal rates the input passes unchanged.
  StatusOr<std::vector<float>> Process(const float* samples, size_t count);
  // Likewise, without a copy where nothing is to be done.
  StatusOr<std::vector<float>> Process(std::vector<float> samples);
  // The tail; nothing may be fed after.
  StatusOr<std::vector<float>> Finish();

 private:
  Resampler();
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

StatusOr<std::vector<float>> Resample(const std::vector<float>& samples, int from_rate, int to_rate);

}  // namespace m2tts
