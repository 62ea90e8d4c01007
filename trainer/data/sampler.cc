#include "trainer/data/sampler.h"

#include <algorithm>
#include <numeric>

namespace m2tts {
namespace {

// Lengths are sorted after a random stretch of this share of the longest is added, so that which clips share
// a batch depends on the seed, and they are still of similar length. Epochs differ in the order of the
// batches alone.
constexpr double kLengthJitter = 0.1;

uint64_t SplitMix(uint64_t x) {
  x += 0x9e3779b97f4a7c15ULL;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
  return x ^ (x >> 31);
}

}  // namespace

double HashUniform(uint64_t seed, uint64_t a, uint64_t b) {
  return static_cast<double>(SplitMix(SplitMix(SplitMix(seed) ^ a) ^ b) >> 11) * 0x1.0p-53;
}

BucketSampler::BucketSampler(std::vector<int64_t> lengths, int64_t frames_per_batch, uint64_t seed)
    : lengths_(std::move(lengths)), frames_per_batch_(frames_per_batch), seed_(seed) {
  // The grouping is made once, so that every epoch has the same number of batches.
  const double longest = static_cast<double>(*std::max_element(lengths_.begin(), lengths_.end()));
  std::vector<int> order(lengths_.size());
  std::iota(order.begin(), order.end(), 0);
  const auto key = [&](int i) { return lengths_[i] + kLengthJitter * longest * HashUniform(seed_, 1, i); };
  std::sort(order.begin(), order.end(), [&](int a, int b) { return key(a) < key(b); });
  int64_t widest = 0;
  for (const int item : order) {
    const int64_t padded = std::max(widest, lengths_[item]);
    if (batches_.empty() || padded * static_cast<int64_t>(batches_.back().size() + 1) > frames_per_batch_) {
      batches_.emplace_back();
      widest = 0;
    }
    batches_.back().push_back(item);
    widest = std::max(widest, lengths_[item]);
  }
}

const std::vector<int>& BucketSampler::Batch(int64_t step) {
  if (epoch_of(step) != epoch_) Shuffle(epoch_of(step));
  return batches_[step % batches_per_epoch()];
}

void BucketSampler::Shuffle(int64_t epoch) {
  epoch_ = epoch;
  const auto key = [&](const std::vector<int>& batch) {
    return HashUniform(seed_ + 2, epoch, batch.front());
  };
  std::sort(batches_.begin(), batches_.end(), [&](const auto& a, const auto& b) { return key(a) < key(b); });
}

}  // namespace m2tts
