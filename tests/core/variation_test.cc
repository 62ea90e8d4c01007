#include "core/variation.h"

#include <gtest/gtest.h>

#include <cmath>

#include "core/sentence_batch.h"

namespace m2tts {
namespace {

TEST(VariationTest, NoneChangesNothing) {
  const Variation none = MakeVariation(GoldenSentence(), 0.0, 5);
  for (const double factor : none.duration) EXPECT_EQ(factor, 1.0);
  for (const float shift : none.pitch) EXPECT_EQ(shift, 0.0F);
}

TEST(VariationTest, DependsOnSeedAndSoundsAlone) {
  const Sentence& golden = GoldenSentence();
  EXPECT_EQ(MakeVariation(golden, 1.0, 5).duration, MakeVariation(golden, 1.0, 5).duration);
  EXPECT_NE(MakeVariation(golden, 1.0, 5).duration, MakeVariation(golden, 1.0, 6).duration);
  Sentence elsewhere = golden;  // the same sounds in another place of a text
  elsewhere.source = {1000, 1010};
  EXPECT_EQ(MakeVariation(golden, 1.0, 5).pitch, MakeVariation(elsewhere, 1.0, 5).pitch);
  Sentence other = golden;
  other.phonemes[1].stress = Stress::kSecondary;
  EXPECT_NE(MakeVariation(golden, 1.0, 5).pitch, MakeVariation(other, 1.0, 5).pitch);
}

TEST(VariationTest, MovesAroundTheModelsPrediction) {
  double sum = 0.0, squares = 0.0, pitch_squares = 0.0, steps = 0.0;
  int count = 0;
  for (uint64_t seed = 0; seed < 500; ++seed) {
    const Variation variation = MakeVariation(LoudnessSentence(), 1.0, seed);
    for (size_t i = 0; i < variation.duration.size(); ++i, ++count) {
      const double log_factor = std::log(variation.duration[i]);
      sum += log_factor;
      squares += log_factor * log_factor;
      pitch_squares += variation.pitch[i] * variation.pitch[i];
      if (i > 0) steps += std::pow(log_factor - std::log(variation.duration[i - 1]), 2.0);
      EXPECT_LT(std::fabs(log_factor), 1.0);
    }
  }
  EXPECT_NEAR(sum / count, 0.0, 0.01);
  EXPECT_NEAR(std::sqrt(squares / count), 0.15, 0.02);
  EXPECT_NEAR(std::sqrt(pitch_squares / count), 0.5, 0.05);
  EXPECT_LT(std::sqrt(steps / count), 0.12) << "neighbours are alike: independent ones would differ by 0.21";
}

// The chance must not differ between machines: a published seed is to sound the same everywhere.
TEST(VariationTest, TheNumbersAreFixed) {
  const Variation variation = MakeVariation(GoldenSentence(), 1.0, 42);
  ASSERT_EQ(variation.duration.size(), 12u);
  EXPECT_NEAR(variation.duration[0], 1.098073001040, 1e-9);
  EXPECT_NEAR(variation.pitch[11], 0.147402167, 1e-6);
}

}  // namespace
}  // namespace m2tts
