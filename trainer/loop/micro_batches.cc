#include "trainer/loop/micro_batches.h"

#include <algorithm>

namespace m2tts {

std::vector<std::vector<int>> SplitBatch(const std::vector<int>& items, int parts) {
  const size_t count = std::min(items.size(), static_cast<size_t>(std::max(1, parts)));
  std::vector<std::vector<int>> pieces;
  for (size_t i = 0; i < count; ++i) {
    pieces.emplace_back(items.begin() + items.size() * i / count,
                        items.begin() + items.size() * (i + 1) / count);
  }
  return pieces;
}

std::vector<std::vector<int>> MicroBatches(BucketSampler* sampler, const std::vector<int>& training,
                                           int64_t step, int accumulate, int parts) {
  std::vector<std::vector<int>> pieces;
  for (int i = 0; i < accumulate; ++i) {
    std::vector<int> items;
    for (const int item : sampler->Batch(step * accumulate + i)) items.push_back(training[item]);
    for (auto& piece : SplitBatch(items, parts)) pieces.push_back(std::move(piece));
  }
  return pieces;
}

}  // namespace m2tts
