#include "core/model/model_config.h"

#include <gtest/gtest.h>

#include "core/base/strict_yaml.h"

namespace m2tts {
namespace {

StatusOr<ModelConfig> Parse(const std::string& text) {
  auto node = ParseYaml(text, "test");
  if (!node.ok()) return node.status();
  return ModelConfig::FromYaml(*node, "model");
}

TEST(ModelConfigTest, JsonReadsBackEqual) {
  ModelConfig config;
  config.hidden = 96;
  config.heads = 3;
  config.decoder_attention = -1;
  config.vocoder.upsample = {4, 4, 16};
  config.vocoder.resblock_kernels = {5};
  const auto read = Parse(config.ToJson());
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->ToJson(), config.ToJson());
}

TEST(ModelConfigTest, WhatOlderProgramsDoNotKnowStandsInJsonOnlyWhereItIsOn) {
  for (const char* key : {"frame_pitch", "energy"}) {
    EXPECT_EQ(ModelConfig().ToJson().find(key), std::string::npos);
    const auto with = Parse(std::string("{") + key + ": true}");
    ASSERT_TRUE(with.ok()) << with.status();
    const auto read = Parse(with->ToJson());
    ASSERT_TRUE(read.ok()) << read.status();
    EXPECT_EQ(read->ToJson(), with->ToJson());
    EXPECT_NE(with->ToJson().find(key), std::string::npos);
  }
}

TEST(ModelConfigTest, UnknownKeyIsNamedWithItsLine) {
  const auto config = Parse("hidden: 64\nhiden: 32\n");
  ASSERT_FALSE(config.ok());
  EXPECT_NE(config.status().message().find("hiden"), std::string::npos) << config.status();
  EXPECT_NE(config.status().message().find("2"), std::string::npos) << config.status();
}

TEST(ModelConfigTest, RefusesWhatCannotBeBuilt) {
  for (const char* text :
       {"{hidden: 100, heads: 3}", "{ffn_kernel: 4}", "{depthwise_kernel: 2}", "{hidden: 1000000}",
        "{vocoder: {type: wavenet}}", "{vocoder: {kernel: 6}}", "{encoder_layers: 0}",
        "{frame_pitch: true, pitch: false}", "{vocoder: {type: hifigan, hidden: 4}}", "[1, 2]",
        "{vocoder: {type: hifigan, resblock_kernels: []}}", "{vocoder: {type: hifigan, upsample: []}}",
        "{vocoder: {hidden: 1024, upsample: [2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2]}}",
        "{vocoder: {resblock_kernels: [3, 3, 3, 3, 3, 3, 3, 3, 3]}}"}) {
    const auto config = Parse(text);
    EXPECT_TRUE(absl::IsInvalidArgument(config.status())) << text << ": " << config.status();
  }
}

TEST(ModelConfigTest, ProductionDecoderSeesAtMost64Frames) {
  const ModelConfig production;
  EXPECT_EQ(production.DecoderReceptiveField(), 61);
  ModelConfig whole;
  whole.decoder_attention = -1;
  EXPECT_EQ(whole.DecoderReceptiveField(), -1);
}

}  // namespace
}  // namespace m2tts
