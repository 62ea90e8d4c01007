#include "client/bench/metric_page.h"

#include <gtest/gtest.h>

namespace m2tts {
namespace {

constexpr char kPage[] =
    "# HELP stop_seconds How long\n"
    "# TYPE stop_seconds histogram\n"
    "stop_seconds_count 10\n"
    "stop_seconds_sum 0.3\n"
    "stop_seconds_bucket{le=\"0.01\"} 4\n"
    "stop_seconds_bucket{le=\"0.02\"} 8\n"
    "stop_seconds_bucket{le=\"0.05\"} 8\n"
    "stop_seconds_bucket{le=\"+Inf\"} 10\n"
    "other_stop_seconds_bucket{le=\"+Inf\"} 99\n"
    "stop_seconds_bucket{le=\"broken\n";

TEST(MetricHistogramTest, PercentilesLieEvenlyInTheirBuckets) {
  const auto histogram = MetricHistogram::Find(kPage, "stop_seconds");
  ASSERT_TRUE(histogram.has_value());
  EXPECT_EQ(histogram->count(), 10);
  EXPECT_NEAR(histogram->Percentile(20), 0.005, 1e-9);
  EXPECT_NEAR(histogram->Percentile(40), 0.01, 1e-9);
  EXPECT_NEAR(histogram->Percentile(50), 0.0125, 1e-9);
  EXPECT_NEAR(histogram->Percentile(80), 0.02, 1e-9);
  EXPECT_NEAR(histogram->Percentile(99), 0.05, 1e-9) << "beyond the last bound";
  EXPECT_EQ(histogram->Percentile(0), 0.0);
}

TEST(MetricHistogramTest, CountsFromAnEarlierPage) {
  const auto before = MetricHistogram::Find(
      "stop_seconds_bucket{le=\"0.01\"} 4\nstop_seconds_bucket{le=\"0.02\"} 4\n"
      "stop_seconds_bucket{le=\"0.05\"} 4\nstop_seconds_bucket{le=\"+Inf\"} 6\n",
      "stop_seconds");
  const MetricHistogram since = MetricHistogram::Find(kPage, "stop_seconds")->Since(*before);
  EXPECT_EQ(since.count(), 4);
  EXPECT_NEAR(since.Percentile(50), 0.015, 1e-9);
  EXPECT_NEAR(since.Percentile(100), 0.02, 1e-9);
  EXPECT_EQ(before->Since(*before).Percentile(50), 0.0) << "nothing was counted";
}

TEST(MetricHistogramTest, WhatIsNotThereIsNotFound) {
  EXPECT_FALSE(MetricHistogram::Find(kPage, "nothing").has_value());
  EXPECT_FALSE(MetricHistogram::Find("", "stop_seconds").has_value());
}

}  // namespace
}  // namespace m2tts
