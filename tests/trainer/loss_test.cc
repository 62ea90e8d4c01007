#include <gtest/gtest.h>

#include "tests/trainer/finite_difference.h"
#include "trainer/evaluation/cepstrum.h"
#include "trainer/loss/discriminator.h"
#include "trainer/loss/mel_discriminator.h"
#include "trainer/loss/spectral_loss.h"

namespace m2tts {
namespace {

const auto kDoubles = torch::TensorOptions().dtype(torch::kFloat64);

TEST(MaskedLossTest, IgnoresPadding) {
  const auto mask = torch::tensor({{{1.f}, {1.f}, {0.f}}});
  const auto a = torch::tensor({{{1.f, 2.f}, {3.f, 4.f}, {9.f, 9.f}}}), b = torch::zeros({1, 3, 2});
  EXPECT_NEAR(MaskedL1(a, b, mask).item<double>(), 2.5, 1e-6);
  EXPECT_NEAR(MaskedMse(a.select(2, 0), b.select(2, 0), mask).item<double>(), 5.0, 1e-6);
}

TEST(MaskedLossTest, GradientsMatchFiniteDifferencesAndPaddingHasNone) {
  torch::manual_seed(1);
  const auto mask = torch::tensor({1.0, 1.0, 1.0, 0.0, 1.0, 0.0, 0.0, 0.0}, kDoubles).view({2, 4, 1});
  const auto frames = torch::randn({2, 4, 3}, kDoubles), values = torch::randn({2, 4}, kDoubles);
  ExpectGradientMatches(torch::randn({2, 4, 3}, kDoubles),
                        [&](const torch::Tensor& x) { return MaskedL1(x, frames, mask); });
  ExpectGradientMatches(torch::randn({2, 4}, kDoubles),
                        [&](const torch::Tensor& x) { return MaskedMse(x, values, mask); });
  auto x = torch::randn({2, 4, 3}, kDoubles).requires_grad_(true);
  auto y = torch::randn({2, 4}, kDoubles).requires_grad_(true);
  (MaskedL1(x, frames, mask) + MaskedMse(y, values, mask)).backward();
  EXPECT_EQ((x.grad() * (1.0 - mask)).abs().sum().item<double>(), 0.0);
  EXPECT_EQ((y.grad() * (1.0 - mask.squeeze(2))).abs().sum().item<double>(), 0.0);
}

TEST(MultiResolutionStftLossTest, IsZeroForEqualAndGrowsWithNoise) {
  torch::manual_seed(1);
  const auto wave = 0.3 * torch::randn({1, 8192});  // every bin has energy, so the log counts noise
  EXPECT_NEAR(MultiResolutionStftLoss(wave, wave).item<double>(), 0.0, 1e-6);
  const double little = MultiResolutionStftLoss(wave + 0.001 * torch::randn_like(wave), wave).item<double>();
  const double much = MultiResolutionStftLoss(wave + 0.1 * torch::randn_like(wave), wave).item<double>();
  EXPECT_GT(little, 0.0);
  EXPECT_GT(much, 2.0 * little);
}

TEST(MultiResolutionStftLossTest, ABatchIsTheMeanOfItsWaves) {
  const auto target = torch::randn({3, 4096}, torch::kFloat64) * torch::tensor({{0.3}, {0.01}, {0.0}});
  const auto predicted = target + 1e-3 * torch::randn({3, 4096}, torch::kFloat64);
  double sum = 0.0;
  for (int64_t i = 0; i < 3; ++i) {
    sum += MultiResolutionStftLoss(predicted.narrow(0, i, 1), target.narrow(0, i, 1)).item<double>();
  }
  EXPECT_NEAR(MultiResolutionStftLoss(predicted, target).item<double>(), sum / 3.0, 1e-9 * sum);
  // Silence has no convergence of its own to be divided by: what is whispered into it weighs as much as that
  // of a wave of -60 dB, not without bound.
  const auto silence = torch::zeros({1, 4096}, torch::kFloat64);
  const auto whisper = [&](double level) {
    return MultiResolutionStftLoss(level * torch::ones({1, 4096}, torch::kFloat64), silence).item<double>();
  };
  EXPECT_LT(whisper(1e-6), 10.0);
}

TEST(MultiResolutionStftLossTest, GradientMatchesFiniteDifferences) {
  torch::manual_seed(2);
  const auto target = torch::randn({2, 4096}, kDoubles);
  ExpectGradientMatches(
      torch::randn({2, 4096}, kDoubles),
      [&](const torch::Tensor& x) { return MultiResolutionStftLoss(x, target); }, 1e-7, 1e-3);
}

TEST(DiscriminatorTest, HingeLossesHaveTheirKnownValues) {
  const auto judged = [](double score) { return std::vector<Judgement>{{torch::full({2, 3}, score), {}}}; };
  EXPECT_NEAR(DiscriminatorLoss(judged(2.0), judged(-2.0)).item<double>(), 0.0, 1e-6);
  EXPECT_NEAR(DiscriminatorLoss(judged(0.0), judged(0.5)).item<double>(), 2.5, 1e-6);
  EXPECT_NEAR(GeneratorLoss(judged(0.75)).item<double>(), -0.75, 1e-6);
}

// Two discriminators with scores of different size and two layers each.
std::vector<Judgement> Judged(const torch::Tensor& x) {
  return {{x.narrow(1, 0, 5), {x.narrow(1, 5, 4), x.narrow(1, 9, 2)}},
          {x.narrow(1, 11, 3), {x.narrow(1, 14, 6), x.narrow(1, 20, 1)}}};
}

TEST(DiscriminatorTest, GradientsOfTheLossesMatchFiniteDifferences) {
  torch::manual_seed(5);
  const auto other = torch::randn({3, 21}, kDoubles);
  const auto fresh = [] { return torch::randn({3, 21}, kDoubles); };
  ExpectGradientMatches(fresh(),
                        [&](const torch::Tensor& x) { return DiscriminatorLoss(Judged(x), Judged(other)); });
  ExpectGradientMatches(fresh(),
                        [&](const torch::Tensor& x) { return DiscriminatorLoss(Judged(other), Judged(x)); });
  ExpectGradientMatches(fresh(), [&](const torch::Tensor& x) { return GeneratorLoss(Judged(x)); });
  ExpectGradientMatches(fresh(),
                        [&](const torch::Tensor& x) { return FeatureLoss(Judged(other), Judged(x)); });
}

TEST(DiscriminatorTest, JudgesEachPieceOfABatchAlone) {
  torch::manual_seed(6);
  Discriminator discriminator(4);
  torch::NoGradGuard no_grad;
  const auto waves = 0.1 * torch::randn({2, 5000});
  const auto together = discriminator(waves), alone = discriminator(waves.narrow(0, 1, 1));
  ASSERT_EQ(together.size(), 8u);  // three resolutions, five periods
  for (size_t i = 0; i < together.size(); ++i) {
    EXPECT_EQ(together[i].features.size(), 4u);
    const auto& scores = together[i].scores;
    ASSERT_EQ(scores.dim(), 4);
    EXPECT_EQ(scores.size(0), 2);
    EXPECT_EQ(scores.size(1), 1);
    EXPECT_TRUE(torch::allclose(scores.narrow(0, 1, 1), alone[i].scores, 1e-4, 1e-5)) << i;
  }
  EXPECT_EQ(together[0].scores.size(2), 5000 / 128 + 1);  // frames are kept
  EXPECT_EQ(together[3].scores.size(3), 2);               // one column per place in the period
  EXPECT_EQ(together[7].scores.size(3), 11);
}

TEST(DiscriminatorTest, LearnsToTellNoiseFromTone) {
  torch::manual_seed(3);
  Discriminator discriminator(4);
  torch::optim::Adam adam(discriminator->parameters(), torch::optim::AdamOptions(5e-3));
  const auto tone = torch::sin(torch::arange(6144) * 0.1).unsqueeze(0).repeat({2, 1}) * 0.5;
  double first = 0.0, last = 0.0;
  for (int step = 0; step < 25; ++step) {
    adam.zero_grad();
    const auto loss = DiscriminatorLoss(discriminator(tone), discriminator(0.3 * torch::randn({2, 6144})));
    loss.backward();
    adam.step();
    if (step == 0) first = loss.item<double>();
    last = loss.item<double>();
  }
  EXPECT_LT(last, 0.7 * first);
}

TEST(DiscriminatorTest, FeatureLossIsZeroForEqualAndReachesTheVocoder) {
  torch::manual_seed(4);
  Discriminator discriminator(2);
  const auto real = torch::randn({1, 5000}) * 0.1;
  EXPECT_NEAR(FeatureLoss(discriminator(real), discriminator(real)).item<double>(), 0.0, 1e-6);
  auto fake = (torch::randn({1, 5000}) * 0.1).requires_grad_(true);
  FeatureLoss(discriminator(real), discriminator(fake)).backward();
  EXPECT_GT(fake.grad().abs().sum().item<double>(), 0.0);
}

TEST(MelDiscriminatorTest, GradientsOfTheWholeLossMatchFiniteDifferences) {
  torch::manual_seed(7);
  MelDiscriminator discriminator(3);
  discriminator->to(torch::kFloat64);
  const auto real = torch::randn({2, 20, 16}, kDoubles);
  const auto patches = [](const torch::Tensor& mel) { return CutPatches(mel, {0, 5}, {8, 20}, 12); };
  const auto judged = discriminator(patches(real));
  ExpectGradientMatches(torch::randn({2, 20, 16}, kDoubles), [&](const torch::Tensor& mel) {
    const auto fake = discriminator(patches(mel));
    return 0.3 * GeneratorLoss(fake) + FeatureLoss(judged, fake);
  });
  ExpectGradientMatches(torch::randn({2, 20, 16}, kDoubles), [&](const torch::Tensor& mel) {
    return DiscriminatorLoss(judged, discriminator(patches(mel)));
  });
}

TEST(MelDiscriminatorTest, PatchesAreStretchesOfTheClipAndSilenceBehindIt) {
  const auto mel = torch::arange(12).to(torch::kFloat32).view({2, 6, 1});
  const auto patches = CutPatches(mel, {1, 4}, {6, 5}, 3).squeeze(2);
  EXPECT_TRUE(torch::equal(patches, torch::tensor({{1.f, 2.f, 3.f}, {10.f, 0.f, 0.f}}))) << patches;
  MelDiscriminator discriminator(4);
  const auto judged = discriminator(torch::randn({2, 30, 64}));
  ASSERT_EQ(judged.size(), 1u);
  EXPECT_EQ(judged[0].scores.sizes(), (std::vector<int64_t>{2, 1, 30, 4}));
  EXPECT_EQ(judged[0].features.size(), 4u);
}

TEST(MelDiscriminatorTest, LearnsToTellSmoothMelsFromRough) {
  torch::manual_seed(8);
  MelDiscriminator discriminator(4);
  torch::optim::Adam adam(discriminator->parameters(), torch::optim::AdamOptions(2e-3));
  double first = 0.0, last = 0.0;
  for (int step = 0; step < 30; ++step) {
    const auto rough = torch::randn({4, 24, 32});
    const auto smooth = torch::avg_pool2d(torch::randn({4, 1, 24, 32}), 3, 1, 1).squeeze(1) * 3.0;
    adam.zero_grad();
    const auto loss = DiscriminatorLoss(discriminator(rough), discriminator(smooth));
    loss.backward();
    adam.step();
    if (step == 0) first = loss.item<double>();
    last = loss.item<double>();
  }
  EXPECT_LT(last, 0.7 * first);
}

TEST(CepstralLossTest, EqualsMelCepstralDistortion) {
  torch::manual_seed(5);
  const auto a = torch::randn({1, 1, 64}, torch::kFloat64), b = torch::randn({1, 1, 64}, torch::kFloat64);
  const auto mask = torch::ones({1, 1, 1}, torch::kFloat64);
  const double expected =
      MelCepstralDistortion(MelCepstrum(a.data_ptr<double>(), 64), MelCepstrum(b.data_ptr<double>(), 64));
  EXPECT_NEAR(CepstralLoss(a, b, mask).item<double>() * 10.0 / std::log(10.0) * std::sqrt(2.0), expected,
              1e-4);
}

TEST(CepstralLossTest, GradientIsTheFiniteDifferenceAndPaddingCountsNothing) {
  torch::manual_seed(6);
  const auto target = torch::randn({2, 3, 64}, torch::kFloat64);
  auto predicted = torch::randn({2, 3, 64}, torch::kFloat64).requires_grad_(true);
  auto mask = torch::ones({2, 3, 1}, torch::kFloat64);
  mask[1][2] = 0;
  const auto gradient = torch::autograd::grad({CepstralLoss(predicted, target, mask)}, {predicted})[0];
  constexpr double kStep = 1e-5;
  for (const int64_t at : {0, 70, 200, 383}) {
    auto up = predicted.detach().clone(), down = predicted.detach().clone();
    up.view(-1)[at] += kStep;
    down.view(-1)[at] -= kStep;
    const double slope =
        (CepstralLoss(up, target, mask) - CepstralLoss(down, target, mask)).item<double>() / (2.0 * kStep);
    EXPECT_NEAR(gradient.reshape(-1)[at].item<double>(), slope, 1e-6) << at;
  }
  EXPECT_EQ(gradient[1][2].abs().max().item<double>(), 0.0);
  EXPECT_TRUE(torch::autograd::grad({CepstralLoss(predicted, predicted.detach(), mask)}, {predicted})[0]
                  .isfinite()
                  .all()
                  .item<bool>());
}

}  // namespace
}  // namespace m2tts
