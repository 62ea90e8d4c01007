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
  return ShareOfStep(sampler, training, step, accumulate, parts, 0, 1).pieces;
}

StepShare ShareOfStep(BucketSampler* sampler, const std::vector<int>& training, int64_t step, int accumulate,
                      int parts, int process, int count) {
  StepShare share;
  const int batches = accumulate * count;
  for (int i = 0; i < batches; ++i) {
    std::vector<int> items;
    for (const int item : sampler->Batch(step * batches + i)) items.push_back(training[item]);
    share.all.insert(share.all.end(), items.begin(), items.end());
    if (i % count != process) continue;
    for (auto& piece : SplitBatch(items, parts)) share.pieces.push_back(std::move(piece));
  }
  return share;
}

}  // namespace m2tts
