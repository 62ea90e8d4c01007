#include "core/model/m2tts_model.h"

#include <gtest/gtest.h>

namespace m2tts {
namespace {

ModelConfig MinimalConfig() {
  ModelConfig config;
  config.hidden = 32;
  config.encoder_layers = config.decoder_layers = 1;
  config.ffn_multiplier = 2;
  config.predictor_hidden = 32;
  config.predictor_layers = 1;
  config.vocoder.type = "hifigan";
  config.vocoder.hidden = 32;
  config.vocoder.resblock_kernels = {3};
  config.vocoder.resblock_dilations = 1;
  return config;
}

std::unique_ptr<M2TTSModel> Create(const ModelConfig& config, const std::string& vocoder = "") {
  auto model = M2TTSModel::Create(config, AudioConfig(), vocoder);
  EXPECT_TRUE(model.ok()) << model.status();
  return *std::move(model);
}

TEST(M2TTSModelTest, MinimalModelFitsTheReferenceProject) {
  EXPECT_LE(Create(MinimalConfig())->ParameterCount(), 63330);
}

TEST(M2TTSModelTest, ProductionModelKeepsToItsBudget) {
  const ModelConfig production;
  const auto model = Create(production);
  EXPECT_LE(model->ParameterCount(), 3700000);
  EXPECT_LE(GflopPerAudioSecond(production, AudioConfig(), *model->vocoder), 0.44);
}

TEST(M2TTSModelTest, WeightsMoveToAnotherModel) {
  torch::manual_seed(1);
  const auto one = Create(MinimalConfig()), other = Create(MinimalConfig());
  ASSERT_TRUE(other->LoadWeights(one->Weights()).ok());
  for (const auto& [name, tensor] : one->Weights()) {
    EXPECT_TRUE(torch::equal(tensor, other->Weights().at(name))) << name;
  }
}

TEST(M2TTSModelTest, SizesThatTheWeightsAreFarTooFewForAreRefused) {
  ModelConfig larger = MinimalConfig();
  larger.speakers = 3;
  larger.energy = true;
  larger.vocoder.resblock_kernels = {3, 7};
  larger.vocoder.resblock_dilations = 2;
  for (const ModelConfig& config : {MinimalConfig(), larger, ModelConfig()}) {
    const auto weights = Create(config)->Weights();
    EXPECT_TRUE(M2TTSModel::CheckSize(config, AudioConfig(), "", weights).ok()) << config.ToJson();
    ModelConfig claimed = config;
    claimed.encoder_layers *= 2;
    claimed.decoder_layers *= 2;
    const Status status = M2TTSModel::CheckSize(claimed, AudioConfig(), "", weights);
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << config.ToJson();
    EXPECT_TRUE(
        M2TTSModel::CheckSize(config, AudioConfig(), "griffin_lim", Create(config, "griffin_lim")->Weights())
            .ok());
  }
  // Tens of gigabytes, if it were built.
  const auto few = Create(MinimalConfig())->Weights();
  ModelConfig huge;
  huge.hidden = 1024;
  huge.ffn_multiplier = 8;
  huge.ffn_kernel = 15;
  huge.encoder_layers = huge.decoder_layers = 16;
  EXPECT_FALSE(M2TTSModel::CheckSize(huge, AudioConfig(), "", few).ok());
  ModelConfig vocoder = MinimalConfig();
  vocoder.vocoder.hidden = 1024;
  vocoder.vocoder.resblock_kernels = {15, 15, 15, 15, 15, 15, 15, 15};
  vocoder.vocoder.resblock_dilations = 5;
  EXPECT_FALSE(M2TTSModel::CheckSize(vocoder, AudioConfig(), "", few).ok());
}

TEST(M2TTSModelTest, NamesMissingSurplusAndMisshapenTensors) {
  const auto model = Create(MinimalConfig());
  auto weights = model->Weights();
  const auto message = [&] { return std::string(model->LoadWeights(weights).message()); };
  weights.erase("acoustic.mel_stats");
  EXPECT_NE(message().find("acoustic.mel_stats"), std::string::npos);
  weights = model->Weights();
  weights["acoustic.extra"] = torch::zeros({1});
  EXPECT_NE(message().find("acoustic.extra"), std::string::npos);
  weights = model->Weights();
  weights["acoustic.mel_stats"] = torch::zeros({2, 80});
  EXPECT_NE(message().find("[2, 80]"), std::string::npos);
}

TEST(M2TTSModelTest, GriffinLimPassesOverTheVocodersWeights) {
  const auto full = Create(MinimalConfig());
  EXPECT_TRUE(Create(MinimalConfig(), "griffin_lim")->LoadWeights(full->Weights()).ok());
}

}  // namespace
}  // namespace m2tts
