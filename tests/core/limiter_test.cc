#include "core/limiter.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstddef>

namespace m2tts {
namespace {

std::vector<float> Limited(double volume, std::vector<float> samples) {
  ApplyVolume(volume, &samples);
  return samples;
}

TEST(LimiterTest, WhatIsQuietIsScaledAndNothingElse) {
  EXPECT_EQ(Limited(2.0, {0.0F, 0.25F, -0.45F}), (std::vector<float>{0.0F, 0.5F, -0.9F}));
  EXPECT_EQ(Limited(0.0, {0.5F, -1.0F}), (std::vector<float>{0.0F, -0.0F}));
}

TEST(LimiterTest, NothingLeavesFullScale) {
  for (const double volume : {1.0, 1.5, 4.0}) {
    for (float sample = -1.0F; sample <= 1.0F; sample += 0.001F) {
      const float limited = Limited(volume, {sample})[0];
      EXPECT_LE(std::abs(limited), 1.0F) << sample << " at " << volume;
      EXPECT_EQ(std::signbit(limited), std::signbit(sample * static_cast<float>(volume)));
    }
  }
}

TEST(LimiterTest, ALoudSampleLeavesTheQuietOnesAlone) {
  const auto limited = Limited(2.0, {0.25F, 0.9F, -0.25F});
  EXPECT_EQ(limited[0], 0.5F);
  EXPECT_EQ(limited[2], -0.5F);
  EXPECT_GT(limited[1], 0.9F);
  EXPECT_LE(limited[1], 1.0F);
}

// A step or a corner would be heard as clipping is.
TEST(LimiterTest, BendsWithoutStepOrCorner) {
  constexpr float kStep = 1e-3F;
  float before = Limited(4.0, {0.0F})[0], slope_before = 4.0F;
  for (float sample = kStep; sample <= 1.0F; sample += kStep) {
    const float now = Limited(4.0, {sample})[0];
    const float slope = (now - before) / kStep;
    EXPECT_GE(now, before) << "at " << sample;
    EXPECT_LE(std::abs(slope - slope_before), 0.2F) << "at " << sample;
    before = now;
    slope_before = slope;
  }
}

}  // namespace
}  // namespace m2tts
