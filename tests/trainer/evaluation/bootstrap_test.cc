#include "trainer/evaluation/bootstrap.h"

#include <gtest/gtest.h>

#include <cmath>

namespace m2tts {
namespace {

TEST(BootstrapTest, EqualSystemsDifferByNothing) {
  const auto interval = PairedBootstrap({1, 2, 0}, {1, 2, 0}, {10, 12, 9});
  ASSERT_TRUE(interval.ok()) << interval.status();
  EXPECT_EQ(interval->value, 0.0);
  EXPECT_EQ(interval->low, 0.0);
  EXPECT_EQ(interval->high, 0.0);
}

TEST(BootstrapTest, AConstantDifferenceHasNoSpread) {
  const auto interval = PairedBootstrap({2, 3, 1}, {1, 2, 0}, {10, 10, 10});
  ASSERT_TRUE(interval.ok()) << interval.status();
  EXPECT_DOUBLE_EQ(interval->value, 0.1);
  EXPECT_DOUBLE_EQ(interval->low, 0.1);
  EXPECT_DOUBLE_EQ(interval->high, 0.1);
}

// 200 sentences of 10 words; every other one has one more error in system a. The mean of draws
// of that has standard deviation 0.5 / sqrt(200) errors a sentence, so +-1.96 of them.
TEST(BootstrapTest, IntervalHasTheWidthOfTheNormalApproximation) {
  std::vector<int> a;
  for (int i = 0; i < 200; ++i) a.push_back(i % 2);
  const auto interval = PairedBootstrap(a, std::vector<int>(200, 0), std::vector<int>(200, 10));
  ASSERT_TRUE(interval.ok()) << interval.status();
  const double half = 1.96 * 0.5 / std::sqrt(200.0) / 10;
  EXPECT_DOUBLE_EQ(interval->value, 0.05);
  EXPECT_NEAR(interval->low, 0.05 - half, 0.001);
  EXPECT_NEAR(interval->high, 0.05 + half, 0.001);
}

TEST(BootstrapTest, SeedDecides) {
  const std::vector<int> a = {3, 0, 1, 2, 5, 0, 1};
  const std::vector<int> b = {1, 1, 1, 0, 2, 2, 0};
  const std::vector<int> words = {9, 14, 8, 11, 20, 7, 10};
  const auto first = PairedBootstrap(a, b, words);
  const auto second = PairedBootstrap(a, b, words);
  ASSERT_TRUE(first.ok() && second.ok());
  EXPECT_EQ(first->low, second->low);
  EXPECT_EQ(first->high, second->high);
  EXPECT_LT(first->low, first->value);
  EXPECT_GT(first->high, first->value);
}

TEST(BootstrapTest, RefusesUnequalOrEmpty) {
  EXPECT_EQ(PairedBootstrap({}, {}, {}).status().code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(PairedBootstrap({1}, {1, 2}, {5, 5}).status().code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(PairedBootstrap({1}, {1}, {0}).status().code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(PairedBootstrap({1}, {1}, {5}, {0, 1}).status().code(), StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace m2tts
