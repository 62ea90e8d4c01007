#include "core/audio/griffin_lim.h"

#include <gtest/gtest.h>

#include "core/audio/mel.h"
#include "tests/core/audio/test_signals.h"

namespace m2tts {
namespace {

torch::Tensor ClipMel() {
  const auto audio = ReadAudioFile(ClipPath("LJ032-0100")).value();
  return MelSpectrogram(AudioConfig())(torch::tensor(audio.samples).unsqueeze(0));
}

// Relative error of linear mel, the spectral convergence.
double Convergence(const torch::Tensor& log_mel, const GriffinLimOptions& options) {
  const auto wave = GriffinLim(log_mel, AudioConfig(), options);
  EXPECT_EQ(wave.size(1), log_mel.size(2) * 256);
  const auto mel = MelSpectrogram(AudioConfig())(wave).narrow(2, 0, log_mel.size(2)).exp();
  return ((mel - log_mel.exp()).norm() / log_mel.exp().norm()).item<double>();
}

TEST(GriffinLimTest, ReproducesTheMelOfSpeech) {
  const auto mel = ClipMel();
  const double one = Convergence(mel, {1, 0.99}), many = Convergence(mel, {32, 0.99});
  EXPECT_LT(many, 0.12);
  EXPECT_LT(many, 0.5 * one);
}

TEST(GriffinLimTest, EqualInputGivesEqualOutput) {
  const auto mel = ClipMel();
  torch::manual_seed(1);
  const auto first = GriffinLim(mel, AudioConfig(), {4, 0.99});
  torch::manual_seed(2);
  EXPECT_TRUE(torch::equal(first, GriffinLim(mel, AudioConfig(), {4, 0.99})));
  const auto batch = GriffinLim(mel.expand({2, -1, -1}), AudioConfig(), {4, 0.99});
  EXPECT_LT((batch[1] - first[0]).abs().max().item<double>(), 1e-3);
}

TEST(GriffinLimTest, ShortAndEmptyInput) {
  for (const int64_t frames : {0, 1, 2, 3}) {
    const auto wave = GriffinLim(torch::full({1, 64, frames}, -3.0), AudioConfig(), {4, 0.99});
    EXPECT_EQ(wave.size(1), frames * 256);
    EXPECT_TRUE(torch::isfinite(wave).all().item<bool>());
  }
}

TEST(GriffinLimTest, SilenceStaysSilent) {
  const auto wave = GriffinLim(torch::full({1, 64, 20}, std::log(1e-5)), AudioConfig());
  EXPECT_LT(wave.abs().max().item<double>(), 1e-3);
}

}  // namespace
}  // namespace m2tts
