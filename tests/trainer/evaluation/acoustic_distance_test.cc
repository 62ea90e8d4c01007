#include "trainer/evaluation/acoustic_distance.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

namespace m2tts {
namespace {

using ::testing::HasSubstr;

// A buzz of ten harmonics between silences.
std::vector<float> Buzz(double hz, double seconds, double silence_seconds) {
  const AudioConfig audio;
  std::vector<float> wave(static_cast<size_t>(audio.sample_rate * silence_seconds), 0.0f);
  const auto count = static_cast<int>(audio.sample_rate * seconds);
  for (int i = 0; i < count; ++i) {
    double sum = 0;
    for (int h = 1; h <= 10; ++h) sum += std::sin(2 * M_PI * hz * h * i / audio.sample_rate) / h;
    wave.push_back(static_cast<float>(0.2 * sum));
  }
  wave.resize(wave.size() + static_cast<size_t>(audio.sample_rate * silence_seconds), 0.0f);
  return wave;
}

TEST(ComparePitchTest, ByHand) {
  // Pairs: (100, 200) an octave apart, (100, 0) and (0, 200) unequal, (0, 0) both unvoiced.
  const PitchDistance d = ComparePitch({100, 100, 0, 0}, {200, 0, 200, 0}, {{0, 0}, {1, 1}, {2, 2}, {3, 3}});
  EXPECT_EQ(d.pairs, 4u);
  EXPECT_EQ(d.voiced_pairs, 1u);
  EXPECT_DOUBLE_EQ(d.rmse_hz().value(), 100.0);
  EXPECT_DOUBLE_EQ(d.rmse_cents().value(), 1200.0);
  EXPECT_DOUBLE_EQ(d.voicing_error(), 0.5);
}

TEST(ComparePitchTest, SumsOverSentencesAndNothingVoicedIsNoFigure) {
  PitchDistance sum = ComparePitch({100}, {103}, {{0, 0}});
  sum += ComparePitch({100}, {104}, {{0, 0}});
  EXPECT_DOUBLE_EQ(sum.rmse_hz().value(), std::sqrt(12.5));
  const PitchDistance none = ComparePitch({0}, {0}, {{0, 0}, {5, 5}});  // (5, 5): outside
  EXPECT_FALSE(none.rmse_hz().has_value());
  EXPECT_FALSE(none.rmse_cents().has_value());
  EXPECT_EQ(none.voicing_error(), 0.0);
  EXPECT_EQ(PitchDistance().voicing_error(), 0.0);
}

TEST(CompareAcousticsTest, TheSameSoundIsAtNoDistanceWhateverTheSilenceAround) {
  const AudioConfig audio;
  const auto same = CompareAcoustics(Buzz(150, 0.5, 0.1), Buzz(150, 0.5, 0.1), audio);
  ASSERT_TRUE(same.ok()) << same.status();
  EXPECT_NEAR(same->mcd_db, 0.0, 1e-9);
  EXPECT_EQ(same->pitch.rmse_hz(), 0.0);

  const auto shifted = CompareAcoustics(Buzz(150, 0.5, 0.0), Buzz(150, 0.5, 0.3), audio);
  ASSERT_TRUE(shifted.ok()) << shifted.status();
  EXPECT_LT(shifted->mcd_db, 1.0);
  EXPECT_NEAR(shifted->system_seconds, 0.5, 0.03);
}

TEST(CompareAcousticsTest, AnotherPitchIsMeasured) {
  const auto other = CompareAcoustics(Buzz(150, 0.5, 0.1), Buzz(180, 0.5, 0.1), AudioConfig());
  ASSERT_TRUE(other.ok()) << other.status();
  EXPECT_GT(other->mcd_db, 0.1);
  EXPECT_NEAR(other->pitch.rmse_hz().value(), 30.0, 3.0);
  EXPECT_NEAR(other->pitch.rmse_cents().value(), 315.6, 30.0);
}

TEST(CompareAcousticsTest, NamesTheSilentSide) {
  const AudioConfig audio;
  const std::vector<float> silence(22050, 0.0f);
  EXPECT_THAT(std::string(CompareAcoustics(silence, Buzz(150, 0.5, 0), audio).status().message()),
              HasSubstr("the recording has only 0 samples"));
  EXPECT_THAT(std::string(CompareAcoustics(Buzz(150, 0.5, 0), {}, audio).status().message()),
              HasSubstr("the synthesized audio"));
}

}  // namespace
}  // namespace m2tts
