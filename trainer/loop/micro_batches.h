// The utterances of one optimizer step, in the pieces in which they are computed.
#pragma once

#include <cstdint>
#include <vector>

#include "trainer/data/sampler.h"

namespace m2tts {

// Splits `items` into `parts` stretches of nearly equal size, or into single items if they are fewer.
std::vector<std::vector<int>> SplitBatch(const std::vector<int>& items, int parts);

// Step `step` takes `accumulate` batches of the sampler, each split in `parts`. Items are indices
// into `training`'s values. Empty never.
std::vector<std::vector<int>> MicroBatches(BucketSampler* sampler, const std::vector<int>& training,
                                           int64_t step, int accumulate, int parts);

// What one of `count` processes computes of a step that takes `accumulate` batches in each of them.
struct StepShare {
  std::vector<int> all;                  // the utterances of the step, in all processes
  std::vector<std::vector<int>> pieces;  // this one's
};
StepShare ShareOfStep(BucketSampler* sampler, const std::vector<int>& training, int64_t step, int accumulate,
                      int parts, int process, int count);

}  // namespace m2tts
