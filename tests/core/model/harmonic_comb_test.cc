#include "core/model/harmonic_comb.h"

#include <gtest/gtest.h>

#include <cmath>

#include "core/audio/mel.h"

namespace m2tts {
namespace {

torch::Tensor Comb(double hertz) {
  return HarmonicComb(AudioConfig())(torch::full({1, 1}, static_cast<float>(std::log(hertz))))[0][0];
}

// The log-mel of a sum of equally strong harmonics, in its low bands, rises and falls with the comb.
TEST(HarmonicCombTest, FollowsTheSpectrumOfHarmonics) {
  const AudioConfig audio;
  for (const double pitch : {170.0, 220.0, 300.0}) {
    const auto time = torch::arange(8192, torch::kFloat64) / audio.sample_rate;
    auto wave = torch::zeros_like(time);
    for (int k = 1; k * pitch < 3000.0; ++k) wave += 0.02 * torch::cos(2.0 * M_PI * k * pitch * time);
    const auto mel =
        MelSpectrogram(audio, torch::kFloat64)(wave.unsqueeze(0))[0].select(1, 16).narrow(0, 3, 17);
    const auto comb = Comb(pitch).to(torch::kFloat64).narrow(0, 3, 17);
    const auto correlation = torch::corrcoef(torch::stack({mel, comb}))[0][1].item<double>();
    EXPECT_GT(correlation, 0.8) << pitch;
  }
}

TEST(HarmonicCombTest, FadesWhereABandHoldsManyHarmonics) {
  const auto comb = Comb(100.0);
  EXPECT_GT(comb.narrow(0, 0, 10).abs().max().item<double>(), 0.2);
  EXPECT_LT(comb.narrow(0, 50, 14).abs().max().item<double>(), 1e-3);
}

TEST(HarmonicCombTest, StaysFiniteForAnyPitch) {
  const auto extreme = HarmonicComb(AudioConfig())(torch::tensor({{-50.0f, 0.0f, 50.0f}}));
  EXPECT_EQ(extreme.sizes(), (std::vector<int64_t>{1, 3, 64}));
  EXPECT_TRUE(extreme.isfinite().all().item<bool>());
}

}  // namespace
}  // namespace m2tts
