// Order statistics of a corpus: they say what is usual even when some values are very wrong.
#pragma once

#include <cstddef>
#include <vector>

namespace m2tts {

struct Distribution {
  size_t count = 0;
  double low = 0.0;  // 5 % lie below
  double median = 0.0;
  double high = 0.0;  // 95 % lie below
  double mad = 0.0;   // median absolute deviation from the median
};

// Of finite values in any order. All zero for none.
Distribution Describe(std::vector<double> values);

// How far `value` is from what is usual, in standard deviations of a normal distribution with the same
// median absolute deviation: the modified z-score of Iglewicz and Hoaglin 1993, "How to Detect and Handle
// Outliers", who call more than 3.5 an outlier. 0 for the median; infinite for anything else when `mad` is 0.
double OutlierScore(double value, const Distribution& usual);

}  // namespace m2tts
