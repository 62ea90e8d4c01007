#include "client/bench/latency_histogram.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <map>

namespace m2tts {
namespace {

// Values below 2^8 have a bucket each; above, every power of two is cut into 2^7 buckets.
constexpr int kBits = 7;

size_t BucketOf(uint64_t value) {
  int shift = 0;
  while ((value >> shift) >= (uint64_t{2} << kBits)) ++shift;
  return (static_cast<size_t>(shift) << kBits) + static_cast<size_t>(value >> shift);
}

// The largest value of a bucket.
uint64_t TopOf(size_t bucket) {
  if (bucket < size_t{2} << kBits) return bucket;
  const size_t shift = (bucket >> kBits) - 1;
  return ((uint64_t{bucket - (shift << kBits)} + 1) << shift) - 1;
}

// The smallest.
uint64_t BottomOf(size_t bucket) {
  return bucket == 0 ? 0 : TopOf(bucket - 1) + 1;
}

// 1, 2, 5, 10, 20 ... ms: the first that is not below `seconds`.
double StepAbove(double seconds) {
  double decade = 1e-3;
  while (true) {
    for (const double step : {1.0, 2.0, 5.0}) {
      if (seconds <= decade * step * 1.0000001) return decade * step;
    }
    decade *= 10.0;
  }
}

}  // namespace

void LatencyHistogram::Record(double seconds) {
  constexpr double kLargest = 1e9;  // 30 years
  const double value = std::clamp(std::isfinite(seconds) ? seconds : kLargest, 0.0, kLargest);
  const size_t bucket = BucketOf(static_cast<uint64_t>(std::llround(value * 1e6)));
  if (bucket >= buckets_.size()) buckets_.resize(bucket + 1);
  ++buckets_[bucket];
  ++count_;
  sum_ += value;
  max_ = std::max(max_, value);
}

double LatencyHistogram::Percentile(double percent) const {
  const auto wanted = std::max<int64_t>(
      1,
      static_cast<int64_t>(std::ceil(std::clamp(percent, 0.0, 100.0) / 100.0 * static_cast<double>(count_))));
  int64_t seen = 0;
  for (size_t i = 0; i < buckets_.size(); ++i) {
    seen += buckets_[i];
    if (seen >= wanted) return std::min(max_, 1e-6 * static_cast<double>(TopOf(i)));
  }
  return max_;
}

std::string LatencyHistogram::Bars(const std::string& indent) const {
  constexpr double kWidth = 40.0;
  std::map<double, int64_t> steps;
  int64_t highest = 1;
  for (size_t i = 0; i < buckets_.size(); ++i) {
    if (buckets_[i] == 0) continue;
    int64_t& count = steps[StepAbove(1e-6 * static_cast<double>(BottomOf(i)))];
    count += buckets_[i];
    highest = std::max(highest, count);
  }
  std::string text;
  for (const auto& [step, count] : steps) {
    const double length = kWidth * static_cast<double>(count) / static_cast<double>(highest);
    text += fmt::format("{}<= {:>7g} ms {:>8}  {}\n", indent, 1e3 * step, count,
                        std::string(static_cast<size_t>(std::ceil(length)), '#'));
  }
  return text;
}

}  // namespace m2tts
