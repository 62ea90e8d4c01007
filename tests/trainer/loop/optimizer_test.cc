// What an update does beside AdamW itself: clipping and averaging.
#include "trainer/loop/optimizer.h"

#include <gtest/gtest.h>

namespace m2tts {
namespace {

// loss = weight * x: the gradient is x.
struct OneWeight : torch::nn::Module {
  OneWeight() { weight = register_parameter("weight", torch::zeros({2})); }
  torch::Tensor weight;
};

StageConfig PlainConfig() {
  StageConfig config;
  config.weight_decay = 0.0;
  config.gradient_clip = 0.0;
  config.ema_decay = 0.0;
  return config;
}

// Updates once for each gradient; returns the norms.
std::vector<double> Learn(Optimizer* optimizer, OneWeight* module,
                          const std::vector<torch::Tensor>& gradients, double rate) {
  std::vector<double> norms;
  for (const auto& gradient : gradients) {
    optimizer->ZeroGrad();
    optimizer->Backward((module->weight * gradient).sum());
    norms.push_back(optimizer->Update(rate));
  }
  return norms;
}

TEST(OptimizerTest, ALongGradientIsClippedToTheLimit) {
  // Adam forgets the length of a single gradient; two of them tell whether the first one was shortened.
  const auto longer = torch::tensor({6.0f, 8.0f}), shorter = torch::tensor({0.3f, -0.4f});
  const auto weight_after = [&](double clip, const torch::Tensor& first) {
    StageConfig config = PlainConfig();
    config.gradient_clip = clip;
    const auto module = std::make_shared<OneWeight>();
    Optimizer optimizer(module, config);
    const auto norms = Learn(&optimizer, module.get(), {first, shorter}, 0.1);
    EXPECT_NEAR(norms[0], first.norm().item<double>(), 1e-5) << "told as it was before";
    return module->weight.detach().clone();
  };
  const auto clipped = weight_after(1.0, longer);
  EXPECT_TRUE(torch::allclose(clipped, weight_after(0.0, longer / 10.0), 1e-5, 1e-6));
  EXPECT_FALSE(torch::allclose(clipped, weight_after(0.0, longer), 1e-3, 1e-3)) << "0 is no limit";
}

TEST(OptimizerTest, AShortGradientIsLeftAlone) {
  StageConfig config = PlainConfig();
  config.gradient_clip = 100.0;
  const auto module = std::make_shared<OneWeight>(), free = std::make_shared<OneWeight>();
  Optimizer limited(module, config), unlimited(free, PlainConfig());
  const std::vector<torch::Tensor> gradients = {torch::tensor({6.0f, 8.0f}), torch::tensor({0.3f, -0.4f})};
  Learn(&limited, module.get(), gradients, 0.1);
  Learn(&unlimited, free.get(), gradients, 0.1);
  EXPECT_TRUE(torch::equal(module->weight, free->weight));
}

TEST(OptimizerTest, TheAverageFollowsFastAtFirst) {
  StageConfig config = PlainConfig();
  config.ema_decay = 0.25;
  const auto module = std::make_shared<OneWeight>();
  Optimizer optimizer(module, config);
  auto expected = torch::zeros({2});
  for (int update = 1; update <= 6; ++update) {
    Learn(&optimizer, module.get(), {torch::tensor({1.0f, -2.0f})}, 0.1);
    const double decay = std::min(0.25, (1.0 + update) / (10.0 + update));
    expected = decay * expected + (1.0 - decay) * module->weight.detach();
    EXPECT_TRUE(torch::allclose(optimizer.AveragedWeights("").at("weight"), expected, 1e-5, 1e-6)) << update;
  }
  EXPECT_FALSE(torch::allclose(expected, module->weight, 1e-3, 1e-3));
  const auto current = module->weight.detach().clone();
  {
    const Optimizer::Averaged averaged(&optimizer);
    EXPECT_TRUE(torch::allclose(module->weight, expected, 1e-5, 1e-6));
  }
  EXPECT_TRUE(torch::equal(module->weight, current));
}

TEST(OptimizerTest, WithoutAveragingTheWeightsAreWhatIsExported) {
  const auto module = std::make_shared<OneWeight>();
  Optimizer optimizer(module, PlainConfig());
  Learn(&optimizer, module.get(), {torch::tensor({1.0f, -2.0f})}, 0.1);
  EXPECT_TRUE(torch::equal(optimizer.AveragedWeights("").at("weight"), module->weight));
}

// A rollback to a checkpoint of step 0 must not keep the moments of what went wrong.
TEST(OptimizerTest, LoadingAStateWithoutMomentsForgetsThoseOfNow) {
  const auto first = torch::tensor({1.0f, -2.0f}), second = torch::tensor({-3.0f, 1.0f});
  auto fresh = std::make_shared<OneWeight>();
  Optimizer expected(fresh, PlainConfig());
  TensorMap state = *expected.State("x.");
  for (auto& [name, tensor] : state) tensor = tensor.clone();  // they are views of the weights
  Learn(&expected, fresh.get(), {second}, 0.1);

  auto module = std::make_shared<OneWeight>();
  Optimizer optimizer(module, PlainConfig());
  Learn(&optimizer, module.get(), {first, first, first}, 0.1);
  ASSERT_TRUE(optimizer.LoadState(state, "x.").ok());
  Learn(&optimizer, module.get(), {second}, 0.1);
  EXPECT_TRUE(torch::equal(module->weight, fresh->weight)) << module->weight << fresh->weight;
}

// A state that shares no memory with what it was taken from.
TensorMap CopiedState(const Optimizer& optimizer) {
  TensorMap state = *optimizer.State("x.");
  for (auto& [name, tensor] : state) tensor = tensor.clone();
  return state;
}

TEST(OptimizerTest, AStateThatLacksSomethingIsRefusedAndNothingIsTaken) {
  const auto module = std::make_shared<OneWeight>();
  Optimizer optimizer(module, PlainConfig());
  Learn(&optimizer, module.get(), {torch::tensor({1.0f, -2.0f})}, 0.1);
  const TensorMap saved = CopiedState(optimizer);
  Learn(&optimizer, module.get(), {torch::tensor({1.0f, -2.0f})}, 0.1);
  const auto weights = module->weight.detach().clone();

  EXPECT_EQ(optimizer.LoadState({}, "x."), DataLoss("no optimizer state 'x.adam'"));
  EXPECT_EQ(optimizer.LoadState(saved, "y."), DataLoss("no optimizer state 'y.adam'"));
  for (const char* part : {"x.adam", "x.updates"}) {
    TensorMap state = saved;
    ASSERT_EQ(state.erase(part), 1u) << part;
    EXPECT_EQ(optimizer.LoadState(state, "x.").code(), StatusCode::kDataLoss) << part;
  }
  TensorMap state = saved;
  ASSERT_EQ(state.erase("x.weights.weight"), 1u);
  EXPECT_EQ(optimizer.LoadState(state, "x."), InvalidArgument("tensor 'weight' is missing"));
  state.emplace("x.weights.weight", torch::zeros({3}));
  EXPECT_EQ(optimizer.LoadState(state, "x.").code(), StatusCode::kInvalidArgument) << "another shape";
  EXPECT_TRUE(torch::equal(module->weight, weights));
}

TEST(OptimizerTest, DamagedMomentsAreAnErrorAndNoException) {
  const auto module = std::make_shared<OneWeight>();
  Optimizer optimizer(module, PlainConfig());
  TensorMap state = CopiedState(optimizer);
  torch::Tensor& adam = state.at("x.adam");
  for (const auto& damaged :
       {adam.narrow(0, 0, adam.numel() / 2).clone(), torch::zeros({16}, torch::kUInt8)}) {
    adam = damaged;
    const Status status = optimizer.LoadState(state, "x.");
    EXPECT_EQ(status.code(), StatusCode::kInternal) << status;
    EXPECT_EQ(std::string(status.message()).rfind("loading optimizer state: ", 0), 0u) << status;
  }
}

}  // namespace
}  // namespace m2tts
