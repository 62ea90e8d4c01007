// Durations counted in buckets whose width grows with the value, after HdrHistogram: percentiles to
// better than 1 % over the whole range, in a few kilobytes however many are recorded.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace m2tts {

// Not synchronized.
class LatencyHistogram {
 public:
  // Negative durations count as 0.
  void Record(double seconds);

  int64_t count() const { return count_; }
  double max() const { return max_; }  // seconds, exact
  double mean() const { return count_ > 0 ? sum_ / static_cast<double>(count_) : 0.0; }
  // The value, in seconds, that `percent` of those recorded do not exceed, 0 to 100; 0 when there is none.
  double Percentile(double percent) const;

  // A line per step of the series 1, 2, 5, 10 ms ... that has any, with a bar; `indent` begins each.
  std::string Bars(const std::string& indent) const;

 private:
  std::vector<int64_t> buckets_;  // of microseconds
  int64_t count_ = 0;
  double sum_ = 0.0;
  double max_ = 0.0;
};

}  // namespace m2tts
