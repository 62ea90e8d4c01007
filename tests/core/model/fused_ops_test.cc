#include "core/model/fused_ops.h"

#include <gtest/gtest.h>

#include "core/device/autocast.h"
#include "core/model/attention.h"
#include "core/model/layers.h"
#include "tests/core/model/fused_checks.h"

namespace m2tts {
namespace {

TEST(FusedOpsTest, DepthwiseConvOfAnyLength) {
  torch::manual_seed(3);
  for (const int64_t kernel : {1, 3, 7}) {
    auto conv = Ready(DepthwiseConv(19, kernel));
    for (const int64_t time : {1, 2, 6, 7, 200}) {
      const auto x = torch::randn({2, 19, time}).transpose(1, 2);
      ExpectSame([&] { return conv(x); }, 1e-5);
    }
  }
}

TEST(FusedOpsTest, LocalAttentionOfAnyLengthAndMask) {
  torch::manual_seed(4);
  for (const int64_t reach : {0, 3, 7}) {
    auto attention = Ready(SelfAttention(40, 2, reach));
    for (const int64_t time : {1, 4, 16, 17, 150}) {
      const auto x = torch::randn({2, time, 40});
      ExpectSame([&] { return attention(x, torch::Tensor()); }, 1e-4);
      auto mask = torch::ones({2, time, 1});
      mask[1].narrow(0, (time + 1) / 2, time / 2).zero_();
      // What is computed where the mask hides is nobody's business.
      ExpectSame([&] { return (attention(x, mask) * mask).contiguous(); }, 1e-4);
    }
  }
}

TEST(FusedOpsTest, SeveralThreadsComputePartsOfTheSame) {
  torch::manual_seed(5);
  auto attention = Ready(SelfAttention(40, 2, 5));
  auto conv = Ready(DepthwiseConv(40, 5));
  const auto x = torch::randn({1, 700, 40});
  const torch::NoGradGuard no_grad;
  const int threads = torch::get_num_threads();
  torch::set_num_threads(1);
  const auto attended = attention(x, torch::Tensor()), convolved = conv(x);
  torch::set_num_threads(2);
  EXPECT_LT(Farthest(attention(x, torch::Tensor()), attended), 1e-5);
  EXPECT_TRUE(torch::equal(conv(x), convolved));
  torch::set_num_threads(threads);
}

TEST(FusedOpsTest, OnlyForInferenceInFloat32) {
  torch::nn::Linear linear(2, 2);
  linear->eval();
  const auto x = torch::randn({3, 2});
  EXPECT_FALSE(Fusable(*linear, x)) << "with gradients";
  const torch::NoGradGuard no_grad;
  EXPECT_TRUE(Fusable(*linear, x));
  EXPECT_FALSE(Fusable(*linear, x.to(torch::kFloat64)));
  {
    const Autocast lower(torch::kCPU, Precision::kBf16);
    EXPECT_FALSE(Fusable(*linear, x));
  }
  linear->train();
  EXPECT_FALSE(Fusable(*linear, x)) << "in training";
}

}  // namespace
}  // namespace m2tts
