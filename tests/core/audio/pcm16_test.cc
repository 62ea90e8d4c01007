#include "core/audio/pcm16.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace m2tts {
namespace {

int16_t One(float sample) {
  return ToPcm16(&sample, 1).value()[0];
}

TEST(Pcm16Test, RoundsHalfToEvenAndClamps) {
  EXPECT_EQ(One(0.0f), 0);
  EXPECT_EQ(One(-0.0f), 0);
  EXPECT_EQ(One(0.5f / 32768), 0);
  EXPECT_EQ(One(1.5f / 32768), 2);
  EXPECT_EQ(One(-1.5f / 32768), -2);
  EXPECT_EQ(One(2.5f / 32768), 2);
  EXPECT_EQ(One(32766.75f / 32768), 32767);
  EXPECT_EQ(One(32767.5f / 32768), 32767);
  EXPECT_EQ(One(-32767.75f / 32768), -32768);
  for (const float large : {1.0f, 1.5f, 200.0f, 1e30f, std::numeric_limits<float>::max()}) {
    EXPECT_EQ(One(large), 32767) << large;
    EXPECT_EQ(One(-large), -32768) << large;
  }
}

// In vectors and in what is left over of them.
TEST(Pcm16Test, IsTheInverseOfDecoding) {
  std::vector<float> samples;
  for (int value = -32768; value <= 32767; ++value) samples.push_back(static_cast<float>(value) / 32768.0f);
  for (const size_t count : {samples.size(), samples.size() - 1, samples.size() - 13}) {
    const auto pcm = ToPcm16(samples.data(), count).value();
    ASSERT_EQ(pcm.size(), count);
    for (size_t i = 0; i < count; ++i) ASSERT_EQ(pcm[i], static_cast<int>(i) - 32768);
  }
}

TEST(Pcm16Test, PeakIsTheLargestMagnitude) {
  const std::vector<float> samples = {0.25f, -0.75f, 0.5f, -0.0f, 0.125f};
  EXPECT_EQ(Peak(samples.data(), samples.size()), 0.75f);
  EXPECT_EQ(Peak(samples.data(), 1), 0.25f);
  EXPECT_EQ(Peak(nullptr, 0), 0.0f);
}

TEST(Pcm16Test, NamesTheFirstSampleThatIsNoNumber) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  for (const float bad : {kInfinity, -kInfinity, std::nanf(""), -std::nanf("")}) {
    std::vector<float> samples(40, 0.5f);
    samples[23] = samples[31] = bad;
    EXPECT_EQ(CheckFinite(samples.data(), samples.size()).message(),
              "audio: sample 23 is not a finite number");
    EXPECT_FALSE(ToPcm16(samples.data(), samples.size()).ok());
    EXPECT_TRUE(CheckFinite(samples.data(), 23).ok());
  }
}

}  // namespace
}  // namespace m2tts
