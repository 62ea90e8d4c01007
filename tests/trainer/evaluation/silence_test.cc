#include "trainer/evaluation/silence.h"

#include <gtest/gtest.h>

namespace m2tts {
namespace {

TEST(TrimSilenceTest, KeepsWhatLiesBetweenSoundsAndCutsTheEnds) {
  std::vector<float> wave(100, 0.0f);
  wave[25] = 0.5f;   // frame 2
  wave[61] = -0.5f;  // frame 6
  const std::vector<float> trimmed = TrimSilence(wave, {10, -40.0});
  ASSERT_EQ(trimmed.size(), 50u);  // frames 2 to 6
  EXPECT_EQ(trimmed[5], 0.5f);
  EXPECT_EQ(trimmed[41], -0.5f);
}

TEST(TrimSilenceTest, ThresholdIsRelativeToTheLoudestFrame) {
  std::vector<float> wave(30, 0.001f);  // -60 dB
  for (int i = 10; i < 20; ++i) wave[i] = 1.0f;
  EXPECT_EQ(TrimSilence(wave, {10, -50.0}).size(), 10u);
  EXPECT_EQ(TrimSilence(wave, {10, -70.0}).size(), 30u);
}

TEST(TrimSilenceTest, LastFrameMayBeShort) {
  std::vector<float> wave(25, 0.0f);
  wave[24] = 1.0f;
  EXPECT_EQ(TrimSilence(wave, {10, -40.0}).size(), 5u);
}

TEST(TrimSilenceTest, SilenceAndNothingGiveNothing) {
  EXPECT_TRUE(TrimSilence(std::vector<float>(1000, 0.0f)).empty());
  EXPECT_TRUE(TrimSilence({}).empty());
}

}  // namespace
}  // namespace m2tts
