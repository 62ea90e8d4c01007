#include "trainer/evaluation/dtw.h"

#include <gtest/gtest.h>

#include <cmath>

namespace m2tts {
namespace {

StatusOr<WarpingPath> Warp(const std::vector<double>& a, const std::vector<double>& b) {
  return DynamicTimeWarp(a.size(), b.size(), [&](size_t i, size_t j) { return std::abs(a[i] - b[j]); });
}

TEST(DtwTest, EqualSequencesPairOneToOne) {
  const auto path = Warp({1, 2, 3}, {1, 2, 3});
  ASSERT_TRUE(path.ok()) << path.status();
  EXPECT_EQ(*path, (WarpingPath{{0, 0}, {1, 1}, {2, 2}}));
}

TEST(DtwTest, AHeldFrameIsPairedTwice) {
  const auto path = Warp({1, 5, 9}, {1, 5, 5, 9});
  ASSERT_TRUE(path.ok()) << path.status();
  EXPECT_EQ(*path, (WarpingPath{{0, 0}, {1, 1}, {1, 2}, {2, 3}}));
}

TEST(DtwTest, OneFrameAgainstMany) {
  const auto wide = Warp({1}, {1, 2, 3});
  ASSERT_TRUE(wide.ok()) << wide.status();
  EXPECT_EQ(*wide, (WarpingPath{{0, 0}, {0, 1}, {0, 2}}));
  const auto tall = Warp({1, 2, 3}, {1});
  ASSERT_TRUE(tall.ok()) << tall.status();
  EXPECT_EQ(*tall, (WarpingPath{{0, 0}, {1, 0}, {2, 0}}));
}

TEST(DtwTest, RefusesEmptyAndHuge) {
  EXPECT_EQ(Warp({}, {1}).status().code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(Warp({1}, {}).status().code(), StatusCode::kInvalidArgument);
  const auto huge = DynamicTimeWarp(size_t{1} << 40, size_t{1} << 40, [](size_t, size_t) { return 0.0; });
  EXPECT_EQ(huge.status().code(), StatusCode::kResourceExhausted);
}

}  // namespace
}  // namespace m2tts
