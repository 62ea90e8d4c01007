// Which utterances make up each batch: of similar length, within a budget of padded
// frames, in an order that depends on seed and epoch alone.
#pragma once

#include <cstdint>
#include <vector>

namespace m2tts {

class BucketSampler {
 public:
  // lengths[i]: frames of item i. A batch holds at most frames_per_batch padded frames, or one item.
  BucketSampler(std::vector<int64_t> lengths, int64_t frames_per_batch, uint64_t seed);

  // Indices of batch number `step`, counted over all epochs. Random access, so that a
  // resumed run continues where it stopped.
  const std::vector<int>& Batch(int64_t step);

  int64_t batches_per_epoch() const { return static_cast<int64_t>(batches_.size()); }
  int64_t epoch_of(int64_t step) const { return step / batches_per_epoch(); }

 private:
  void Shuffle(int64_t epoch);

  const std::vector<int64_t> lengths_;
  const int64_t frames_per_batch_;
  const uint64_t seed_;
  int64_t epoch_ = -1;
  std::vector<std::vector<int>> batches_;  // of epoch_
};

// Uniform in [0, 1), a pure function of its arguments (splitmix64): reproducible across
// standard libraries, unlike std::uniform_real_distribution.
double HashUniform(uint64_t seed, uint64_t a, uint64_t b);

}  // namespace m2tts
