#include "core/model/layers.h"

#include <gtest/gtest.h>

namespace m2tts {
namespace {

TEST(LengthMaskTest, MarksValidPositions) {
  const auto mask = LengthMask(torch::tensor({int64_t{2}, int64_t{0}, int64_t{3}}), 3);
  ASSERT_EQ(mask.sizes(), (torch::IntArrayRef{3, 3, 1}));
  EXPECT_TRUE(torch::equal(mask.squeeze(2),
                           torch::tensor({{1., 1., 0.}, {0., 0., 0.}, {1., 1., 1.}}).to(torch::kFloat32)));
}

TEST(TimeConvTest, EqualsConvolution) {
  torch::manual_seed(1);
  TimeConv conv(5, 7, 3);
  const auto x = torch::randn({2, 11, 5});
  // The linear layer's columns are [neighbour, channel]; a convolution wants [channel, neighbour].
  const auto parameters = conv->named_parameters();
  const auto weight = parameters["linear.weight"].view({7, 3, 5}).transpose(1, 2).contiguous();
  const auto expected =
      torch::conv1d(x.transpose(1, 2), weight, parameters["linear.bias"], 1, 1).transpose(1, 2);
  EXPECT_TRUE(torch::allclose(conv(x), expected, 1e-5, 1e-5));
}

TEST(DepthwiseConvTest, EqualsSumOverNeighboursOfOneChannel) {
  torch::manual_seed(2);
  DepthwiseConv conv(3, 5);
  const auto x = torch::randn({1, 9, 3});
  const auto weight = conv->named_parameters()["weight"];
  const auto y = conv(x);
  ASSERT_EQ(y.sizes(), x.sizes());
  for (int64_t t = 0; t < 9; ++t) {
    for (int64_t c = 0; c < 3; ++c) {
      double sum = 0.0;
      for (int64_t k = 0; k < 5; ++k) {
        const int64_t from = t + k - 2;
        if (from < 0 || from >= 9) continue;
        sum += x[0][from][c].item<double>() * weight[c][0][0][k].item<double>();
      }
      EXPECT_NEAR(y[0][t][c].item<double>(), sum, 1e-5);
    }
  }
}

}  // namespace
}  // namespace m2tts
