// The fused ways must give what LibTorch's operations give, which a gradient makes the modules use.
#pragma once

#include <gtest/gtest.h>
#include <torch/torch.h>

namespace m2tts {

inline double Farthest(const torch::Tensor& a, const torch::Tensor& b) {
  return (a - b).abs().max().item<double>();
}

// What `fused` gives without a gradient is what `plain` gives with one: LibTorch's way.
template <typename Plain, typename Fused>
void ExpectSame(const Plain& plain_way, const Fused& fused_way, double tolerance) {
  const torch::Tensor plain = plain_way().detach();
  const torch::NoGradGuard no_grad;
  const torch::Tensor fused = fused_way();
  ASSERT_EQ(fused.sizes(), plain.sizes());
  EXPECT_TRUE(fused.is_contiguous());
  EXPECT_LT(Farthest(fused, plain), tolerance);
  EXPECT_GT(plain.abs().max().item<double>(), 0.1) << "nothing was compared";
}

template <typename Forward>
void ExpectSame(const Forward& forward, double tolerance) {
  ExpectSame(forward, forward, tolerance);
}

template <typename Holder>
Holder Ready(Holder module) {
  torch::NoGradGuard no_grad;
  for (auto& parameter : module->parameters()) parameter.copy_(torch::randn_like(parameter) * 0.3);
  module->eval();
  return module;
}

}  // namespace m2tts
