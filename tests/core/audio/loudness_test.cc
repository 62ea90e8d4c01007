#include "core/audio/loudness.h"

#include <gtest/gtest.h>

#include "tests/core/audio/test_signals.h"

namespace m2tts {
namespace {

// EBU Tech 3341: a sine of 1 kHz at -23 dBFS (peak) in one channel has -26 LUFS: two channels would have -23.
TEST(LoudnessTest, AgreesWithTheReferenceTone) {
  const double amplitude = std::pow(10.0, -23.0 / 20.0);
  for (const int rate : {16000, 22050, 48000}) {
    EXPECT_NEAR(IntegratedLoudness(Sine(1000.0, 5.0, rate, amplitude), rate).value(), -26.0, 0.1) << rate;
  }
}

TEST(LoudnessTest, SilenceAroundDoesNotCount) {
  auto wave = Sine(1000.0, 3.0, 22050, 0.1);
  const double alone = IntegratedLoudness(wave, 22050).value();
  wave.insert(wave.end(), 5 * 22050, 0.0F);
  EXPECT_NEAR(IntegratedLoudness(wave, 22050).value(), alone, 0.5);
}

TEST(LoudnessTest, NothingToMeasureIsAnError) {
  EXPECT_FALSE(IntegratedLoudness({}, 22050).ok());
  EXPECT_FALSE(IntegratedLoudness(std::vector<float>(1000, 0.5F), 22050).ok());
  EXPECT_FALSE(IntegratedLoudness(std::vector<float>(44100, 0.0F), 22050).ok());
  EXPECT_FALSE(IntegratedLoudness(Sine(100.0, 1.0, 8000), 0).ok());
}

}  // namespace
}  // namespace m2tts
