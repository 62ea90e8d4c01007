#include "trainer/evaluation/cepstrum.h"

#include <gtest/gtest.h>

#include <cmath>

namespace m2tts {
namespace {

TEST(CepstrumTest, LevelIsLeftOut) {
  const std::vector<double> flat(64, -3.0);
  for (const double c : MelCepstrum(flat.data(), 64)) EXPECT_NEAR(c, 0.0, 1e-12);
}

// Cosines are orthogonal: the m-th one alone has c_m = 1 and no other.
TEST(CepstrumTest, ACosineIsOneCoefficient) {
  for (int m = 1; m <= kCepstra; ++m) {
    std::vector<double> log_mel(64);
    for (int k = 0; k < 64; ++k) log_mel[k] = 5.0 + std::cos(M_PI * m * (k + 0.5) / 64);
    const Cepstrum cepstrum = MelCepstrum(log_mel.data(), 64);
    for (int i = 1; i <= kCepstra; ++i) EXPECT_NEAR(cepstrum[i - 1], i == m ? 1.0 : 0.0, 1e-12);
  }
}

TEST(CepstrumTest, DistortionByHand) {
  Cepstrum a{};
  Cepstrum b{};
  EXPECT_EQ(MelCepstralDistortion(a, b), 0.0);
  a[0] = 3.0;
  b[12] = 4.0;
  EXPECT_DOUBLE_EQ(CepstralDistance(a, b), 5.0);
  EXPECT_NEAR(MelCepstralDistortion(a, b), 4.342944819 * 1.414213562 * 5.0, 1e-7);
}

}  // namespace
}  // namespace m2tts
