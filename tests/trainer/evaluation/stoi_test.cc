#include "trainer/evaluation/stoi.h"

#include <gtest/gtest.h>

#include "tests/trainer/evaluation/damaged_speech.h"

namespace m2tts {
namespace {

constexpr int kStoiRate = 10000;  // STOI's own: nothing is resampled

// tests/golden/make_quality_golden.py
TEST(StoiTest, AgreesWithAnIndependentProgram) {
  const auto clean = SpeechLike(kStoiRate);
  for (const auto& [snr, expected] : {std::pair{30.0, 0.99113}, {10.0, 0.81737}, {0.0, 0.68540}}) {
    const auto stoi = Stoi(clean, WithNoise(clean, snr), kStoiRate);
    ASSERT_TRUE(stoi.ok()) << stoi.status();
    EXPECT_NEAR(*stoi, expected, 5e-4) << snr;
  }
}

TEST(StoiTest, IsOneForItselfAtAnyLevel) {
  const auto clean = SpeechLike(kStoiRate);
  auto quiet = clean;
  for (float& sample : quiet) sample *= 0.1f;
  EXPECT_NEAR(*Stoi(clean, clean, kStoiRate), 1.0, 1e-9);
  EXPECT_NEAR(*Stoi(clean, quiet, kStoiRate), 1.0, 1e-6);
}

TEST(StoiTest, TooLittleSpeechIsAnError) {
  EXPECT_FALSE(Stoi({}, {}, kStoiRate).ok());
  EXPECT_FALSE(Stoi(std::vector<float>(2000, 0.1f), std::vector<float>(2000, 0.1f), kStoiRate).ok());
}

}  // namespace
}  // namespace m2tts
