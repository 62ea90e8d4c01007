#include "core/model/length_regulator.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>

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

TEST(FitDurationsTest, KeepsTheTempoAndEndsWithAFrame) {
  const auto frames = FitDurations(std::vector<double>(7, 2.3));  // 16.1
  ASSERT_EQ(frames.size(), 7u);
  for (size_t t = 0; t + 1 < frames.size(); ++t) EXPECT_NEAR(frames[t], 2.3, 1e-9) << t;
  EXPECT_DOUBLE_EQ(std::accumulate(frames.begin(), frames.end(), 0.0), 16.0);
}

TEST(FitDurationsTest, ShortPhonemesTakeTheirFrameFromThoseBehind) {
  const auto frames = FitDurations({0.25, 3.5, 0.0, 0.5, 2.0});
  EXPECT_EQ(frames, (std::vector<double>{1.0, 2.75, 1.0, 1.0, 1.25}));
  EXPECT_TRUE(FitDurations({}).empty());
}

// Every phoneme keeps a frame when the same durations are counted in whole frames.
TEST(FitDurationsTest, AgreesWithWholeFramesAndWithTheRegulator) {
  std::mt19937 random(3);
  std::uniform_real_distribution<double> draw(0.0, 4.0);
  for (int round = 0; round < 200; ++round) {
    std::vector<double> durations(1 + round % 40);
    for (double& duration : durations) duration = draw(random);
    const auto fitted = FitDurations(durations);
    const auto whole = RoundDurations(fitted);
    const double sum = std::accumulate(fitted.begin(), fitted.end(), 0.0);
    EXPECT_GE(*std::min_element(fitted.begin(), fitted.end()), 0.5 - 1e-9);
    EXPECT_GE(*std::min_element(whole.begin(), whole.end()), 1);
    EXPECT_EQ(std::accumulate(whole.begin(), whole.end(), int64_t{0}), std::llround(sum));
    EXPECT_NEAR(sum, std::round(sum), 1e-9);
    const auto count = static_cast<int64_t>(durations.size());
    const auto numbers = torch::arange(count, torch::kFloat32).view({1, count, 1});
    const auto told = RegulateLength(numbers, torch::tensor(fitted, torch::kFloat32).unsqueeze(0));
    ASSERT_EQ(told.lengths.item<int64_t>(), std::llround(sum));
    const auto expected =
        torch::repeat_interleave(torch::arange(count, torch::kFloat32), torch::tensor(whole));
    EXPECT_TRUE(torch::equal(told.hidden.view({-1}), expected)) << round;
  }
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

TEST(RegulateLengthTest, APhonemeMayEndBetweenTwoFrames) {
  const Expanded expanded =
      RegulateLength(torch::tensor({{{1.0f}, {2.0f}}}), torch::tensor({{1.75f, 2.25f}}));
  EXPECT_TRUE(torch::equal(expanded.hidden.view({-1}), torch::tensor({1.f, 1.f, 2.f, 2.f})));
  const auto position = expanded.position[0];
  EXPECT_NEAR(position[1][0].item<double>(), 1.5 / 1.75, 1e-6);
  EXPECT_NEAR(position[1][2].item<double>(), std::log(0.75), 1e-6);  // ends a quarter before the frame
  EXPECT_NEAR(position[2][0].item<double>(), 0.75 / 2.25, 1e-6);
  EXPECT_NEAR(position[2][1].item<double>(), std::log(1.25), 1e-6);
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
