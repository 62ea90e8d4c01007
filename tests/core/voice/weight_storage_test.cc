#include "core/voice/weight_storage.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace m2tts {
namespace {

using ::testing::HasSubstr;

TensorMap Weights() {
  torch::manual_seed(1);
  return {{"layer.weight", torch::randn({8, 3, 5}) * torch::logspace(-3, 1, 8).view({8, 1, 1})},
          {"layer.bias", torch::randn({8})},
          {"zero.weight", torch::zeros({4, 4})},
          {"stats", torch::randn({2, 64})}};
}

std::string WidenError(const TensorMap& stored, const std::string& dtype) {
  const auto widened = WidenWeights(stored, dtype);
  EXPECT_EQ(widened.status().code(), StatusCode::kDataLoss);
  return std::string(widened.status().message());
}

TEST(WeightStorageTest, Int8IsWithinHalfAStepOfEachRow) {
  const TensorMap weights = Weights();
  const auto stored = StoreWeights(weights, "int8");
  ASSERT_TRUE(stored.ok()) << stored.status();
  EXPECT_EQ(stored->at("layer.weight").scalar_type(), torch::kChar);
  EXPECT_EQ(stored->at("layer.weight.row_scale").sizes(), (std::vector<int64_t>{8, 1, 1}));
  EXPECT_EQ(stored->at("layer.bias").scalar_type(), torch::kHalf);
  EXPECT_EQ(stored->at("stats").scalar_type(), torch::kHalf);
  const auto widened = WidenWeights(*stored, "int8");
  ASSERT_TRUE(widened.ok()) << widened.status();
  ASSERT_EQ(widened->size(), weights.size());
  const auto& matrix = weights.at("layer.weight");
  const auto step = std::get<0>(matrix.flatten(1).abs().max(1)) / 127.0;
  const auto error = (widened->at("layer.weight") - matrix).abs().flatten(1);
  EXPECT_TRUE((std::get<0>(error.max(1)) <= 0.5001 * step).all().item<bool>());
  EXPECT_TRUE(torch::equal(widened->at("zero.weight"), torch::zeros({4, 4})));
}

TEST(WeightStorageTest, StoringAgainChangesNothing) {
  for (const char* dtype : {"fp32", "fp16", "int8"}) {
    const auto once = WidenWeights(*StoreWeights(Weights(), dtype), dtype);
    const auto twice = WidenWeights(*StoreWeights(*once, dtype), dtype);
    for (const auto& [name, tensor] : *once) {
      EXPECT_TRUE(torch::allclose(twice->at(name), tensor, 1e-6, 1e-9)) << dtype << " " << name;
    }
  }
}

TEST(WeightStorageTest, RefusesWeightsThatCannotBeStored) {
  for (const char* dtype : {"fp32", "fp16", "int8"}) {
    EXPECT_FALSE(StoreWeights({{"a.weight", torch::full({2, 2}, std::nan(""))}}, dtype).ok()) << dtype;
    EXPECT_FALSE(StoreWeights({{"a", torch::ones({2}, torch::kInt64)}}, dtype).ok()) << dtype;
    EXPECT_FALSE(StoreWeights({{"a", torch::Tensor()}}, dtype).ok()) << dtype;
  }
  EXPECT_FALSE(StoreWeights({{"bias", torch::full({2}, 1e6)}}, "int8").ok());  // beyond fp16
}

TEST(WeightStorageTest, RefusesFilesThatDoNotFit) {
  const TensorMap good = *StoreWeights(Weights(), "int8");
  const auto with = [&](const std::string& name, const torch::Tensor& tensor) {
    TensorMap changed = good;
    changed[name] = tensor;
    return changed;
  };
  TensorMap without = good;
  without.erase("layer.weight.row_scale");
  EXPECT_THAT(WidenError(without, "int8"), HasSubstr("'layer.weight' has no"));
  without = good;
  without.erase("layer.weight");
  EXPECT_THAT(WidenError(without, "int8"), HasSubstr("scales no tensor"));
  EXPECT_THAT(WidenError(with("layer.weight.row_scale", torch::ones({8})), "int8"), HasSubstr("each row"));
  EXPECT_THAT(WidenError(with("layer.weight.row_scale", torch::ones({8, 1, 1}, torch::kHalf)), "int8"),
              HasSubstr("each row"));
  EXPECT_THAT(WidenError(with("layer.weight.row_scale", torch::full({8, 1, 1}, INFINITY)), "int8"),
              HasSubstr("each row"));
  EXPECT_THAT(WidenError(with("number", torch::tensor(3, torch::kChar)), "int8"), HasSubstr("'number'"));
  EXPECT_THAT(WidenError(with("stats", torch::ones({2, 64}, torch::kInt64)), "int8"),
              HasSubstr("'stats' is"));
  EXPECT_THAT(WidenError(good, "fp16"), HasSubstr("does not fit weights.dtype fp16"));
}

}  // namespace
}  // namespace m2tts
