#include "core/model/linear.h"

#include <cmath>
#include <vector>

#include "core/model/cpu_kernels.h"
#include "tests/core/model/fused_checks.h"

namespace m2tts {
namespace {

TEST(BiasGeluTest, IsTheExactGeluEverywhere) {
  std::vector<float> x, bias = {0.25f};
  for (float v = -30.0f; v < 30.0f; v += 0.003f) x.push_back(v);
  x.push_back(1e20f);
  x.push_back(-1e20f);
  auto given = x;
  BiasGelu(given.data(), bias.data(), static_cast<int64_t>(given.size()), 1);
  for (size_t i = 0; i < x.size(); ++i) {
    const double v = static_cast<double>(x[i] + bias[0]);
    const double wanted = v * 0.5 * std::erfc(-v / std::sqrt(2.0));
    ASSERT_NEAR(given[i], wanted, 1e-6 * std::max(1.0, std::fabs(v))) << "of " << v;
  }
}

TEST(PackWeightTest, PutsColumnsIntoPanelsWithZerosBehindTheLast) {
  const int64_t panel = PanelColumns(), out = panel + 3, in = 2;
  if (panel == 0) GTEST_SKIP() << "BLAS multiplies here";
  std::vector<float> weight(out * in), packed(2 * in * panel, -1.0f);
  for (size_t i = 0; i < weight.size(); ++i) weight[i] = static_cast<float>(i + 1);
  PackWeight(weight.data(), out, in, packed.data());
  EXPECT_EQ(packed[0], weight[0]);
  EXPECT_EQ(packed[1], weight[in]) << "the next column, same input";
  EXPECT_EQ(packed[panel], weight[1]) << "the next input";
  EXPECT_EQ(packed[in * panel], weight[panel * in]) << "the next panel";
  EXPECT_EQ(packed[in * panel + 3], 0.0f);
}

// Columns that fill panels and that do not, rows that fill tiles and that do not, one and several threads.
class LinearTest : public ::testing::TestWithParam<std::tuple<int64_t, int64_t, bool>> {
 protected:
  LinearTest() : plain_(Ready(Linear(24, std::get<1>(GetParam())))), linear_(24, std::get<1>(GetParam())) {
    linear_->weight.set_data(plain_->weight.detach().clone());
    linear_->bias.set_data(plain_->bias.detach().clone());
    linear_->eval();
    torch::manual_seed(1);
    x_ = torch::randn({2, std::get<0>(GetParam()), 24});
    sum_ = torch::randn({2, std::get<1>(GetParam()), std::get<0>(GetParam())}).transpose(1, 2);
    if (std::get<2>(GetParam())) linear_->Prepare();
  }
  Linear plain_, linear_;
  torch::Tensor x_, sum_;
};

TEST_P(LinearTest, IsTheSameFusedAndNot) {
  ExpectSame([&] { return plain_(x_); }, [&] { return linear_(x_); }, 1e-5);
  ExpectSame([&] { return plain_->Gelu(x_); }, [&] { return linear_->Gelu(x_); }, 1e-5);
  const auto turned = x_.transpose(0, 1);
  ExpectSame([&] { return plain_(turned); }, [&] { return linear_(turned).contiguous(); }, 1e-5);
}

TEST_P(LinearTest, AddsToASumAndLeavesItAlone) {
  const auto before = sum_.clone();
  ExpectSame([&] { return plain_->AddTo(sum_, x_); }, [&] { return linear_->AddTo(sum_, x_).contiguous(); },
             1e-5);
  EXPECT_TRUE(torch::equal(sum_, before));
}

TEST_P(LinearTest, IsTheSameByTwoThreads) {
  const torch::NoGradGuard no_grad;
  const int threads = torch::get_num_threads();
  torch::set_num_threads(1);
  const auto alone = linear_->Gelu(x_), added = linear_->AddTo(sum_, x_);
  torch::set_num_threads(2);
  EXPECT_LT(Farthest(linear_->Gelu(x_), alone), 1e-5);
  EXPECT_LT(Farthest(linear_->AddTo(sum_, x_), added), 1e-5);
  torch::set_num_threads(threads);
}

INSTANTIATE_TEST_SUITE_P(Shapes, LinearTest,
                         ::testing::Combine(::testing::Values(1, 5, 6, 9, 200),
                                            ::testing::Values(1, 16, 37, 64), ::testing::Bool()));

TEST(LinearTrainingTest, WhatIsLaidOutForInferenceLearnsNoMore) {
  Linear linear(4, 3);
  linear->eval();
  linear->Prepare();
  if (PanelColumns() == 0) GTEST_SKIP() << "the weight stays here";
  EXPECT_TRUE(linear(torch::randn({2, 4})).isnan().all().item<bool>()) << "with gradients";
  const torch::NoGradGuard no_grad;
  EXPECT_TRUE(linear(torch::randn({2, 4})).isfinite().all().item<bool>());
}

TEST(LinearTrainingTest, LearnsAsLibTorchsDoes) {
  torch::manual_seed(3);
  Linear ours(4, 3);
  torch::manual_seed(3);
  torch::nn::Linear theirs(4, 3);
  const auto x = torch::randn({5, 4});
  ours(x).square().sum().backward();
  theirs(x).square().sum().backward();
  EXPECT_TRUE(torch::equal(ours->weight.grad(), theirs->weight.grad()));
  EXPECT_TRUE(torch::equal(ours->bias.grad(), theirs->bias.grad()));
}

}  // namespace
}  // namespace m2tts
