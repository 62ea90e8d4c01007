#include "client/bench/latency_histogram.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

namespace m2tts {
namespace {

TEST(LatencyHistogramTest, EmptyIsZero) {
  const LatencyHistogram histogram;
  EXPECT_EQ(histogram.count(), 0);
  EXPECT_EQ(histogram.Percentile(99), 0.0);
  EXPECT_EQ(histogram.mean(), 0.0);
  EXPECT_EQ(histogram.Bars(""), "");
}

TEST(LatencyHistogramTest, PercentilesAreWithinOnePercentOfTheSortedValues) {
  std::mt19937 random(1);
  std::lognormal_distribution<double> latency(-4.0, 2.0);  // 2 ms to seconds
  LatencyHistogram histogram;
  std::vector<double> values;
  for (int i = 0; i < 20000; ++i) {
    values.push_back(latency(random));
    histogram.Record(values.back());
  }
  std::sort(values.begin(), values.end());
  for (const double percent : {1.0, 50.0, 90.0, 99.0, 99.9}) {
    const double exact = values[static_cast<size_t>(std::ceil(percent / 100.0 * 20000)) - 1];
    EXPECT_NEAR(histogram.Percentile(percent), exact, 0.01 * exact + 1e-6) << percent;
  }
  EXPECT_EQ(histogram.Percentile(100), values.back());
  EXPECT_EQ(histogram.max(), values.back());
}

TEST(LatencyHistogramTest, OneValueIsEveryPercentile) {
  LatencyHistogram histogram;
  histogram.Record(0.0123);
  for (const double percent : {-5.0, 0.0, 50.0, 100.0, 200.0}) {
    EXPECT_NEAR(histogram.Percentile(percent), 0.0123, 1e-4);
  }
}

TEST(LatencyHistogramTest, AbsurdValuesAreCounted) {
  LatencyHistogram histogram;
  for (const double value : {-1.0, 0.0, 1e300, std::nan(""), std::numeric_limits<double>::infinity()}) {
    histogram.Record(value);
  }
  EXPECT_EQ(histogram.count(), 5);
  EXPECT_EQ(histogram.Percentile(40), 0.0);
  EXPECT_EQ(histogram.max(), 1e9);
}

TEST(LatencyHistogramTest, BarsFollowTheSeries) {
  LatencyHistogram histogram;
  for (int i = 0; i < 10; ++i) histogram.Record(0.0015);
  histogram.Record(0.045);
  EXPECT_EQ(histogram.Bars(" "),
            " <=       2 ms       10  ########################################\n"
            " <=      50 ms        1  ####\n");
}

}  // namespace
}  // namespace m2tts
