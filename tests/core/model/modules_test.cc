// What every module that works on padded batches promises: its shape, zeros where masked, and for a sentence
// the same values alone as padded in a batch.
#include <gtest/gtest.h>

#include <functional>

#include "core/model/mel_decoder.h"
#include "core/model/predictor.h"
#include "core/model/text_encoder.h"
#include "core/model/transformer_block.h"
#include "core/text/phoneme.h"

namespace m2tts {
namespace {

constexpr int64_t kHidden = 16;
constexpr int64_t kLong = 23;
constexpr int64_t kShort = 9;

ModelConfig Config() {
  ModelConfig config;
  config.hidden = kHidden;
  config.heads = 2;
  config.encoder_layers = config.decoder_layers = 2;
  config.predictor_hidden = 12;
  config.speakers = 3;
  return config;
}

// x: [B, T, ...], garbage beyond the lengths; mask: [B, T, 1].
using Forward = std::function<torch::Tensor(const torch::Tensor& x, const torch::Tensor& mask)>;

void ExpectMasked(torch::nn::Module& module, const torch::Tensor& x, std::vector<int64_t> shape,
                  const Forward& forward) {
  module.eval();
  torch::NoGradGuard no_grad;
  const auto mask = LengthMask(torch::tensor({kLong, kShort}), kLong);
  const auto together = forward(x, mask);
  ASSERT_EQ(together.sizes().vec(), shape);
  EXPECT_TRUE(together.isfinite().all().item<bool>());
  EXPECT_EQ(together[1].narrow(0, kShort, kLong - kShort).abs().sum().item<double>(), 0.0);
  EXPECT_GT(together[1].narrow(0, 0, kShort).abs().sum().item<double>(), 0.0);
  const auto alone = forward(x.narrow(0, 1, 1).narrow(1, 0, kShort), torch::ones({1, kShort, 1}));
  EXPECT_TRUE(torch::allclose(together[1].narrow(0, 0, kShort), alone[0], 1e-4, 1e-5));
}

// Hidden states that are zero beyond the lengths, as every module hands them on.
torch::Tensor Hidden() {
  return torch::randn({2, kLong, kHidden}) * LengthMask(torch::tensor({kLong, kShort}), kLong);
}

class ModulesTest : public testing::Test {
 protected:
  void SetUp() override { torch::manual_seed(11); }
};

TEST_F(ModulesTest, TransformerBlockWithAndWithoutBoundsAndDepthwise) {
  for (const int64_t reach : {-1, 3}) {
    for (const int kernel : {0, 5}) {
      ModelConfig config = Config();
      config.depthwise_kernel = kernel;
      TransformerBlock block(config, reach);
      ExpectMasked(*block, Hidden(), {2, kLong, kHidden},
                   [&](const torch::Tensor& x, const torch::Tensor& mask) { return block(x, mask); });
    }
  }
}

TEST_F(ModulesTest, DurationPredictor) {
  DurationPredictor predictor(Config());
  ExpectMasked(*predictor, Hidden(), {2, kLong},
               [&](const torch::Tensor& x, const torch::Tensor& mask) { return predictor(x, mask); });
}

TEST_F(ModulesTest, ContourPredictorAndItsEmbedding) {
  ContourPredictor predictor(Config());
  ExpectMasked(*predictor, Hidden(), {2, kLong},
               [&](const torch::Tensor& x, const torch::Tensor& mask) { return predictor(x, mask); });
  ExpectMasked(*predictor, torch::randn({2, kLong}), {2, kLong, kHidden},
               [&](const torch::Tensor& contour, const torch::Tensor& mask) {
                 return predictor->Embed(contour, mask);
               });
  predictor->ZeroEmbedding();
  const auto none = predictor->Embed(torch::randn({2, kLong}), torch::ones({2, kLong, 1}));
  EXPECT_EQ(none.abs().sum().item<double>(), 0.0);
}

TEST_F(ModulesTest, TextEncoder) {
  TextEncoder encoder(Config());
  const auto ids = torch::randint(kSpecialCount, kPhonemeCount, {2, kLong}, torch::kInt64);
  ExpectMasked(*encoder, ids, {2, kLong, kHidden}, [&](const torch::Tensor& x, const torch::Tensor& mask) {
    const auto speaker = torch::full({x.size(0)}, 2, torch::kInt64);
    const auto lengths = mask.sum({1, 2}).to(torch::kInt64);
    return encoder(PhonemeBatch{x, x.remainder(kStressCount), lengths, speaker}, mask);
  });
}

TEST_F(ModulesTest, MelDecoder) {
  MelDecoder decoder(Config(), 10);
  ExpectMasked(*decoder, torch::cat({Hidden(), torch::rand({2, kLong, 3})}, 2), {2, kLong, 10},
               [&](const torch::Tensor& x, const torch::Tensor& mask) {
                 return decoder(x.narrow(2, 0, kHidden), x.narrow(2, kHidden, 3), mask);
               });
}

}  // namespace
}  // namespace m2tts
