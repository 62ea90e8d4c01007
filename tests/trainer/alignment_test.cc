#include <gtest/gtest.h>

#include <cmath>

#include "tests/trainer/finite_difference.h"
#include "trainer/alignment/aligner.h"
#include "trainer/alignment/monotonic_search.h"
#include "trainer/stages/aligner_stage.h"

namespace m2tts {
namespace {

TEST(MonotonicSearchTest, FindsAPlantedAlignment) {
  const std::vector<int64_t> planted = {3, 1, 5, 2};
  auto scores = torch::full({11, 4}, -5.0f);
  int64_t frame = 0;
  for (int64_t t = 0; t < 4; ++t) {
    for (int64_t i = 0; i < planted[t]; ++i) scores[frame++][t] = 0.0f;
  }
  EXPECT_EQ(MonotonicSearch(scores), planted);
}

TEST(MonotonicSearchTest, EqualsExhaustiveSearch) {
  torch::manual_seed(1);
  for (int trial = 0; trial < 20; ++trial) {
    const auto scores = torch::randn({7, 3});
    double best = -1e9;
    std::vector<int64_t> expected;
    for (int64_t a = 1; a <= 5; ++a) {
      for (int64_t b = 1; a + b <= 6; ++b) {
        const double sum =
            (scores.select(1, 0).narrow(0, 0, a).sum() + scores.select(1, 1).narrow(0, a, b).sum() +
             scores.select(1, 2).narrow(0, a + b, 7 - a - b).sum())
                .item<double>();
        if (sum > best) {
          best = sum;
          expected = {a, b, 7 - a - b};
        }
      }
    }
    EXPECT_EQ(MonotonicSearch(scores), expected);
  }
}

TEST(MonotonicSearchTest, GivesEveryPhonemeOneFrameWhenThereAreNoMore) {
  EXPECT_EQ(MonotonicSearch(torch::randn({5, 5})), std::vector<int64_t>(5, 1));
  EXPECT_THROW(MonotonicSearch(torch::randn({4, 5})), c10::Error);
}

TEST(AlignmentPriorTest, IsADistributionAlongTheDiagonal) {
  const auto prior = AlignmentPrior(40, 10, 1.0).exp();
  EXPECT_TRUE(torch::allclose(prior.sum(1), torch::ones({40}), 1e-4, 1e-4));
  const auto peaks = prior.argmax(1);
  EXPECT_EQ(peaks[0].item<int64_t>(), 0);
  EXPECT_EQ(peaks[39].item<int64_t>(), 9);
  EXPECT_TRUE((peaks.diff() >= 0).all().item<bool>());
}

TEST(ForwardSumLossTest, EqualsTheSumOverAllAlignments) {
  // Two phonemes, three frames: alignments 112 and 122.
  torch::manual_seed(2);
  const auto scores = torch::randn({1, 3, 2});
  const auto p = scores[0].exp();
  const double sum = (p[0][0] * p[1][0] * p[2][1] + p[0][0] * p[1][1] * p[2][1]).item<double>();
  const auto loss = ForwardSumLoss(scores, torch::tensor({int64_t{2}}), torch::tensor({int64_t{3}}));
  EXPECT_NEAR(loss.item<double>(), -std::log(sum) / 3.0, 1e-4);
}

TEST(ForwardSumLossTest, PaddingChangesNothing) {
  torch::manual_seed(3);
  const auto scores = torch::randn({1, 9, 4});
  auto padded = torch::randn({2, 12, 6});
  padded[0].narrow(0, 0, 9).narrow(1, 0, 4).copy_(scores[0]);
  padded[0].narrow(1, 4, 2).fill_(-1e9);  // as the aligner masks phonemes
  const auto alone = ForwardSumLoss(scores, torch::tensor({int64_t{4}}), torch::tensor({int64_t{9}}));
  const auto other =
      ForwardSumLoss(padded.narrow(0, 1, 1), torch::tensor({int64_t{6}}), torch::tensor({int64_t{12}}));
  const auto both = ForwardSumLoss(padded, torch::tensor({int64_t{4}, int64_t{6}}),
                                   torch::tensor({int64_t{9}, int64_t{12}}));
  EXPECT_NEAR(both.item<double>(), 0.5 * (alone + other).item<double>(), 1e-4);
}

TEST(ForwardSumLossTest, GradientMatchesFiniteDifferences) {
  torch::manual_seed(5);
  const auto text = torch::tensor({int64_t{4}, int64_t{6}}),
             frames = torch::tensor({int64_t{9}, int64_t{12}});
  // Far from normalized, as log-likelihoods are; phonemes beyond a length are masked as the aligner does.
  auto scores = 3.0 * torch::randn({2, 12, 6}, torch::kFloat64) - 20.0;
  auto mask = torch::zeros_like(scores);
  mask[0].narrow(1, 4, 2).fill_(-1e9);
  ExpectGradientMatches(scores,
                        [&](const torch::Tensor& x) { return ForwardSumLoss(x + mask, text, frames); });
  auto x = scores.clone().requires_grad_(true);
  ForwardSumLoss(x + mask, text, frames).backward();
  EXPECT_EQ(x.grad()[0].narrow(0, 9, 3).abs().sum().item<double>(), 0.0);  // frames beyond the end
  EXPECT_NEAR(x.grad()[0].narrow(1, 4, 2).abs().sum().item<double>(), 0.0, 1e-12);
}

TEST(AlignerTest, PaddingChangesNoScoreAndMaskedPhonemesAreUnlikely) {
  torch::manual_seed(6);
  Aligner aligner(8, 16);
  torch::NoGradGuard no_grad;
  const auto ids = torch::randint(8, 20, {1, 5}, torch::kInt64),
             padded_ids = torch::constant_pad_nd(ids, {0, 3});
  const auto mel = torch::randn({1, 12, 8});
  const auto alone = aligner(ids, torch::ones({1, 5, 1}), mel);
  EXPECT_EQ(alone.sizes(), (torch::IntArrayRef{1, 12, 5}));
  const auto mask = LengthMask(torch::tensor({int64_t{5}}), 8);
  const auto padded = aligner(padded_ids, mask, torch::cat({mel, torch::randn({1, 4, 8})}, 1));
  EXPECT_TRUE(torch::allclose(padded.narrow(1, 0, 12).narrow(2, 0, 5), alone, 1e-4, 1e-4));
  EXPECT_LT(padded.narrow(2, 5, 3).max().item<double>(), -1e8);
}

TEST(AlignerTest, LearnsWhichFramesBelongToWhichPhoneme) {
  // Each phoneme has its own spectrum; durations are 2, 5 and 3 frames in every utterance.
  torch::manual_seed(4);
  const auto spectra = torch::randn({3, 8}) * 2.0;
  const auto order = torch::tensor({{0, 1, 2}, {2, 0, 1}, {1, 2, 0}}, torch::kInt64);
  const auto durations = torch::tensor({2, 5, 3}, torch::kInt64);
  std::vector<torch::Tensor> mels;
  for (int64_t b = 0; b < 3; ++b) {
    mels.push_back(spectra.index_select(0, order[b]).repeat_interleave(durations, 0) +
                   0.05 * torch::randn({10, 8}));
  }
  const auto mel = torch::stack(mels), text_mask = torch::ones({3, 3, 1});
  const auto text_lengths = torch::full({3}, 3, torch::kInt64),
             mel_lengths = torch::full({3}, 10, torch::kInt64);
  Aligner aligner(8, 16);
  torch::optim::Adam adam(aligner->parameters(), torch::optim::AdamOptions(1e-2));
  for (int step = 0; step < 300; ++step) {
    adam.zero_grad();
    ForwardSumLoss(aligner(order + 8, text_mask, mel), text_lengths, mel_lengths).backward();
    adam.step();
  }
  torch::NoGradGuard no_grad;
  const auto scores = aligner(order + 8, text_mask, mel);
  for (int64_t b = 0; b < 3; ++b) {
    EXPECT_EQ(MonotonicSearch(scores[b].contiguous()), (std::vector<int64_t>{2, 5, 3})) << b;
  }
}

TEST(AlignmentSharpnessTest, RisesFromOneAndNeverFalls) {
  EXPECT_EQ(AlignmentSharpness(0.0), 1.0);
  double before = 1.0;
  for (int i = 0; i <= 100; ++i) {
    const double sharpness = AlignmentSharpness(i / 100.0);
    EXPECT_GE(sharpness, before);
    before = sharpness;
  }
  EXPECT_GT(before, 1.0);
  EXPECT_EQ(AlignmentSharpness(2.0), before) << "a run that was lengthened";
}

}  // namespace
}  // namespace m2tts
