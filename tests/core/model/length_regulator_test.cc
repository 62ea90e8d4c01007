#include "core/model/length_regulator.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

namespace m2tts {
namespace {

TEST(RoundDurationsTest, KeepsTheTempo) {
  const std::vector<double> durations(100, 2.3);
  const auto frames = RoundDurations(durations);
  EXPECT_EQ(std::accumulate(frames.begin(), frames.end(), int64_t{0}), 230);
  for (const int64_t f : frames) EXPECT_TRUE(f == 2 || f == 3);
}

TEST(RoundDurationsTest, GivesEveryPhonemeAFrame) {
  const auto frames = RoundDurations({0.0, 0.1, 5.0, 0.2});
  EXPECT_EQ(frames.size(), 4u);
  for (const int64_t f : frames) EXPECT_GE(f, 1);
  EXPECT_TRUE(RoundDurations({}).empty());
}

TEST(RegulateLengthTest, RepeatsStatesAndPads) {
  const auto encoded = torch::tensor({{{1.0f}, {2.0f}, {3.0f}}, {{4.0f}, {5.0f}, {0.0f}}});
  const auto durations = torch::tensor({{2, 1, 3}, {1, 2, 0}}, torch::kInt64);
  const Expanded expanded = RegulateLength(encoded, durations);
  EXPECT_TRUE(torch::equal(expanded.lengths, torch::tensor({6, 3}, torch::kInt64)));
  EXPECT_TRUE(torch::equal(expanded.hidden.squeeze(2),
                           torch::tensor({{1.f, 1.f, 2.f, 3.f, 3.f, 3.f}, {4.f, 5.f, 5.f, 0.f, 0.f, 0.f}})));
}

TEST(RegulateLengthTest, PositionTellsThePlaceInsideThePhoneme) {
  const Expanded expanded = RegulateLength(torch::ones({1, 2, 1}), torch::tensor({{1, 4}}, torch::kInt64));
  const auto position = expanded.position[0];
  EXPECT_NEAR(position[0][0].item<double>(), 0.5, 1e-6);
  EXPECT_NEAR(position[1][0].item<double>(), 0.125, 1e-6);
  EXPECT_NEAR(position[4][1].item<double>(), std::log(4.0), 1e-6);
  EXPECT_NEAR(position[1][2].item<double>(), std::log(4.0), 1e-6);
  EXPECT_NEAR(position[4][2].item<double>(), 0.0, 1e-6);
}

TEST(InterpolateValuesTest, LiesOnLinesBetweenTheMiddlesOfPhonemes) {
  // Middles at 1, 3 (of frames 0 to 1 and 2 to 3) and, in the second row, at 0.5 and 2.5.
  const auto values = torch::tensor({{1.0f, 3.0f, 0.0f}, {4.0f, 8.0f, 2.0f}});
  const auto durations = torch::tensor({{2, 2, 0}, {1, 3, 2}}, torch::kInt64);
  const auto expected =
      torch::tensor({{1.0f, 1.5f, 2.5f, 3.0f, 0.0f, 0.0f},  // flat at the ends, then padding
                     {4.0f, 6.0f, 8.0f, 5.6f, 3.2f, 2.0f}});
  EXPECT_TRUE(torch::allclose(InterpolateValues(values, durations), expected, 1e-6, 1e-6))
      << InterpolateValues(values, durations);
}

TEST(InterpolateValuesTest, OnePhonemeStaysAsItIs) {
  const auto frames = InterpolateValues(torch::tensor({{5.0f}}), torch::tensor({{3}}, torch::kInt64));
  EXPECT_TRUE(torch::equal(frames, torch::full({1, 3}, 5.0f)));
}

}  // namespace
}  // namespace m2tts
