#include "trainer/loop/precision.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "trainer/loop/optimizer.h"

namespace m2tts {
namespace {

TEST(LossScalerTest, HalvesOnOverflowAndDoublesAfterPatience) {
  LossScaler scaler;
  scaler.Overflowed();
  EXPECT_EQ(scaler.scale(), LossScaler::kFirst / 2);
  for (int64_t i = 0; i < LossScaler::kPatience; ++i) scaler.Good();
  EXPECT_EQ(scaler.scale(), LossScaler::kFirst);
  for (int64_t i = 0; i < LossScaler::kPatience - 1; ++i) scaler.Good();
  scaler.Overflowed();  // patience starts anew
  for (int64_t i = 0; i < LossScaler::kPatience - 1; ++i) scaler.Good();
  EXPECT_EQ(scaler.scale(), LossScaler::kFirst / 2);
  for (int i = 0; i < 40; ++i) scaler.Overflowed();
  EXPECT_EQ(scaler.scale(), LossScaler::kLeast);
  scaler.Restore(1e30, 3);
  EXPECT_EQ(scaler.scale(), LossScaler::kMost);
}

std::shared_ptr<torch::nn::Module> Line() {
  torch::manual_seed(1);
  return torch::nn::Linear(3, 1).ptr();
}

torch::Tensor LossOf(const std::shared_ptr<torch::nn::Module>& module) {
  return module->as<torch::nn::Linear>()->forward(torch::ones({2, 3})).square().sum();
}

StageConfig ConfigOf(const std::string& precision) {
  StageConfig config;
  config.precision = precision;
  return config;
}

TEST(LossScalingTest, UpdatesAreThoseWithoutScaling) {
  const auto plain = Line(), scaled = Line();
  Optimizer a(plain, ConfigOf("fp32")), b(scaled, ConfigOf("fp16"));
  for (int step = 0; step < 5; ++step) {
    a.ZeroGrad();
    b.ZeroGrad();
    a.Backward(LossOf(plain));
    b.Backward(LossOf(scaled));
    EXPECT_NEAR(a.Update(0.1), b.Update(0.1), 1e-6);
  }
  EXPECT_TRUE(torch::allclose(plain->parameters()[0], scaled->parameters()[0], 1e-6, 1e-7));
}

TEST(LossScalingTest, AnOverflowLeavesTheStepOutHalvesTheScaleAndIsKeptInCheckpoints) {
  const auto module = Line();
  Optimizer optimizer(module, ConfigOf("fp16"));
  const auto before = module->parameters()[0].detach().clone();
  optimizer.ZeroGrad();
  // Finite, until it is multiplied.
  optimizer.Backward(module->parameters()[0].sum() * (std::numeric_limits<float>::max() / 10.0));
  EXPECT_TRUE(std::isnan(optimizer.Update(0.1)));
  EXPECT_TRUE(torch::equal(module->parameters()[0], before));
  const auto state = optimizer.State("x.");
  ASSERT_TRUE(state.ok()) << state.status();
  EXPECT_EQ(state->at("x.loss_scale")[0].item<double>(), LossScaler::kFirst / 2);

  const auto other = Line();
  Optimizer resumed(other, ConfigOf("fp16")), exact(other, ConfigOf("fp32"));
  ASSERT_TRUE(resumed.LoadState(*state, "x.").ok());
  EXPECT_EQ(resumed.State("x.")->at("x.loss_scale")[0].item<double>(), LossScaler::kFirst / 2);
  EXPECT_EQ(exact.State("x.")->count("x.loss_scale"), 0u);
}

}  // namespace
}  // namespace m2tts
