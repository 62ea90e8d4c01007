#include "core/model/attention.h"

#include <gtest/gtest.h>

#include "core/model/layers.h"

namespace m2tts {
namespace {

constexpr double kTolerance = 1e-5;

torch::Tensor Ones(int64_t time) {
  return torch::ones({1, time, 1});
}

TEST(SelfAttentionTest, LocalSeesOnlyItsReach) {
  torch::manual_seed(3);
  SelfAttention attention(8, 2, 4);
  torch::NoGradGuard no_grad;
  const auto x = torch::randn({1, 50, 8});
  auto changed = x.clone();
  changed.select(1, 20) += 1.0;
  const auto difference = (attention(changed, Ones(50)) - attention(x, Ones(50))).abs().amax({0, 2});
  for (int64_t t = 0; t < 50; ++t) {
    if (std::abs(t - 20) <= 4) {
      EXPECT_GT(difference[t].item<double>(), 1e-6) << t;
    } else {
      EXPECT_LT(difference[t].item<double>(), 1e-6) << t;
    }
  }
}

TEST(SelfAttentionTest, LocalWithFarReachEqualsFull) {
  // With the same weights, and a bias of zero, a reach beyond the sequence is the whole sequence.
  torch::manual_seed(4);
  SelfAttention local(8, 2, 40), full(8, 2, -1);
  torch::NoGradGuard no_grad;
  for (auto& item : full->named_parameters()) {
    if (item.key() != "bias") item.value().copy_(local->named_parameters()[item.key()]);
  }
  const auto x = torch::randn({2, 30, 8});
  const auto mask = LengthMask(torch::tensor({int64_t{30}, int64_t{17}}), 30);
  EXPECT_TRUE(torch::allclose(local(x, mask) * mask, full(x, mask) * mask, kTolerance, kTolerance));
}

TEST(SelfAttentionTest, FullGivesTheSameInPiecesWhereNoGradientIsWanted) {
  torch::manual_seed(5);
  SelfAttention attention(8, 2, -1);
  for (auto& parameter : attention->parameters()) parameter.data().normal_(0, 0.5);
  const int64_t time = 1100;
  const auto x = torch::randn({2, time, 8});
  const auto mask = LengthMask(torch::tensor({time, int64_t{700}}), time);
  const auto whole = attention(x, mask).detach();
  torch::NoGradGuard no_grad;
  EXPECT_TRUE(torch::allclose(attention(x, mask), whole, kTolerance, kTolerance));
}

TEST(SelfAttentionTest, PaddingDoesNotReachTheSentence) {
  torch::manual_seed(5);
  for (const int64_t reach : {-1, 3}) {
    SelfAttention attention(8, 2, reach);
    torch::NoGradGuard no_grad;
    const auto x = torch::randn({1, 13, 8});
    const auto padded = torch::cat({x, torch::randn({1, 21, 8})}, 1);
    const auto mask = LengthMask(torch::tensor({int64_t{13}}), 34);
    EXPECT_TRUE(torch::allclose(attention(padded, mask).narrow(1, 0, 13), attention(x, Ones(13)), kTolerance,
                                kTolerance))
        << "reach " << reach;
  }
}

TEST(SelfAttentionTest, BiasTellsBeforeFromAfter) {
  torch::manual_seed(6);
  SelfAttention attention(8, 1, 2);
  torch::NoGradGuard no_grad;
  attention->named_parameters()["bias"].copy_(torch::tensor({{-1e4, -1e4, -1e4, 0.0, -1e4}}));
  const auto x = torch::randn({1, 20, 8});
  auto changed = x.clone();
  changed.select(1, 10) += 1.0;
  // Only distance +1 passes: position 9 looks at 10, and 10 does not look at itself through the values.
  const auto difference = (attention(changed, Ones(20)) - attention(x, Ones(20))).abs().amax({0, 2});
  EXPECT_GT(difference[9].item<double>(), 1e-4);
  EXPECT_LT(difference[11].item<double>(), 1e-6);
}

}  // namespace
}  // namespace m2tts
