#include "trainer/evaluation/gammatone.h"

#include <gtest/gtest.h>

#include <cmath>

namespace m2tts {
namespace {

GammatoneBank Bank() {
  return GammatoneBank(16000, 50, 8000);
}

std::vector<double> Sine(double hz) {
  std::vector<double> wave(16000);
  for (size_t i = 0; i < wave.size(); ++i) wave[i] = std::sin(2 * M_PI * hz * static_cast<double>(i) / 16000);
  return wave;
}

TEST(GammatoneBankTest, CentresRiseFromTheLowest) {
  const auto bank = Bank();
  EXPECT_NEAR(bank.centre_hz(0), 50.0, 1e-9);
  for (int b = 1; b < GammatoneBank::kBands; ++b) EXPECT_GT(bank.centre_hz(b), bank.centre_hz(b - 1));
  EXPECT_LT(bank.centre_hz(GammatoneBank::kBands - 1), 8000.0);
}

TEST(GammatoneBankTest, ABandPassesItsCentreWholeAndLittleElse) {
  const auto bank = Bank();
  for (int b = 2; b < GammatoneBank::kBands - 2; ++b) {
    const auto levels = bank.Filter(Sine(bank.centre_hz(b)));
    EXPECT_NEAR(levels[b], std::sqrt(0.5), 0.02) << b;
    EXPECT_LT(levels[b - 2], 0.2) << b;
    EXPECT_LT(levels[b + 2], 0.2) << b;
  }
}

TEST(GammatoneBankTest, SilenceAndNothingAreSilent) {
  for (const double level : Bank().Filter(std::vector<double>(100, 0.0))) EXPECT_EQ(level, 0.0);
  for (const double level : Bank().Filter({})) EXPECT_EQ(level, 0.0);
}

}  // namespace
}  // namespace m2tts
