// Gradients against differences.
#pragma once

#include <gtest/gtest.h>
#include <torch/torch.h>

#include <algorithm>
#include <cmath>

namespace m2tts {

// Central differences along a random direction against the gradient of `loss` at `x`; float64, where a step
// of 1e-6 leaves about nine digits.
template <typename Loss>
void ExpectGradientMatches(torch::Tensor x, const Loss& loss, double step = 1e-6, double tolerance = 1e-6) {
  x = x.detach().requires_grad_(true);
  loss(x).backward();
  torch::NoGradGuard no_grad;
  const auto direction = torch::randn_like(x);
  const double analytic = (x.grad() * direction).sum().template item<double>();
  const double numeric =
      (loss(x + step * direction) - loss(x - step * direction)).template item<double>() / (2.0 * step);
  EXPECT_NE(analytic, 0.0);
  EXPECT_NEAR(analytic, numeric, tolerance * std::max(1.0, std::abs(numeric)));
}

}  // namespace m2tts
