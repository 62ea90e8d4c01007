#include "trainer/check/speaking_time.h"

#include <gtest/gtest.h>

namespace m2tts {
namespace {

TEST(SpeakingTime, FindsTheLineThoughClipsAreWrong) {
  std::vector<std::pair<int, double>> clips;
  for (int phonemes = 1; phonemes <= 80; ++phonemes) {
    const bool wrong = phonemes % 7 == 0;
    clips.emplace_back(phonemes, wrong ? 9.0 : 0.2 + 0.08 * phonemes);
  }
  const SpeakingTime time = FitSpeakingTime(clips);
  EXPECT_NEAR(time.per_phoneme, 0.08, 0.004);
  EXPECT_NEAR(time.fixed, 0.2, 0.1);
  EXPECT_NEAR(time.seconds(50), 4.2, 0.1);
}

TEST(SpeakingTime, IsNotKnownFromTooLittle) {
  EXPECT_FALSE(FitSpeakingTime({}).known());
  EXPECT_FALSE(FitSpeakingTime({{1, 1.0}, {2, 2.0}, {3, 3.0}}).known());
  EXPECT_FALSE(FitSpeakingTime(std::vector<std::pair<int, double>>(20, {30, 2.5})).known());
}

}  // namespace
}  // namespace m2tts
