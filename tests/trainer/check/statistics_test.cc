#include "trainer/check/statistics.h"

#include <gtest/gtest.h>

#include <cmath>

namespace m2tts {
namespace {

TEST(Statistics, DescribesValuesInAnyOrder) {
  std::vector<double> values;
  for (int i = 100; i >= 0; --i) values.push_back(i);
  const Distribution d = Describe(values);
  EXPECT_EQ(d.count, 101u);
  EXPECT_DOUBLE_EQ(d.low, 5.0);
  EXPECT_DOUBLE_EQ(d.median, 50.0);
  EXPECT_DOUBLE_EQ(d.high, 95.0);
  EXPECT_DOUBLE_EQ(d.mad, 25.0);
}

TEST(Statistics, InterpolatesBetweenTwoValues) {
  EXPECT_DOUBLE_EQ(Describe({1.0, 2.0}).median, 1.5);
  EXPECT_DOUBLE_EQ(Describe({7.0}).high, 7.0);
  EXPECT_EQ(Describe({}).count, 0u);
}

TEST(Statistics, OneWrongValueHidesNeitherItselfNorTheOthers) {
  const Distribution usual = Describe({10, 11, 12, 13, 14, 1e6});
  EXPECT_GT(OutlierScore(1e6, usual), 1000.0);
  EXPECT_LT(std::abs(OutlierScore(14, usual)), 3.5);
  EXPECT_LT(OutlierScore(2, usual), -3.5);
}

TEST(Statistics, EqualValuesMakeAnyOtherAnOutlier) {
  const Distribution usual = Describe({3, 3, 3, 4});
  EXPECT_EQ(OutlierScore(3, usual), 0.0);
  EXPECT_TRUE(std::isinf(OutlierScore(4, usual)));
}

}  // namespace
}  // namespace m2tts
