// What the trainer reads as a config, and what it refuses.
#include "trainer/config/train_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "core/base/file.h"

namespace m2tts {
namespace {

namespace fs = std::filesystem;

using ::testing::HasSubstr;

std::string Message(const std::string& text) {
  const auto config = ParseTrainConfig(text, "test.yaml");
  EXPECT_TRUE(absl::IsInvalidArgument(config.status())) << text << config.status();
  return std::string(config.status().message());
}

TEST(TrainConfigTest, ShippedConfigsAreValid) {
  const fs::path root(M2TTS_SOURCE_DIR);
  int checked = 0;
  for (const fs::path& folder : {root / "configs", root / "trainer/recipes"}) {
    for (const auto& file : fs::recursive_directory_iterator(folder)) {
      if (file.path().extension() != ".yaml" || file.path().filename() == "m2ttsd.yaml") continue;
      const auto config = LoadTrainConfig(file.path());
      EXPECT_TRUE(config.ok()) << config.status();
      ++checked;
    }
  }
  EXPECT_GE(checked, 9);
}

TEST(TrainConfigTest, NamesUnknownKeysAndBadValues) {
  const struct {
    const char* text;
    const char* named;
  } kCases[] = {
      {"data: {root: x}\nacustic: {}\n", "acustic"},
      {"data: {root: x}\nacoustic: {steps: -1}\n", "acoustic.steps"},
      {"data: {root: x}\nacoustic: {steps: many}\n", "steps"},
      {"data: {root: x}\nacoustic: {steps: 1.5}\n", "acoustic.steps"},
      {"data: {root: x}\nacoustic: {steps: 99999999999999999999}\n", "acoustic.steps"},
      {"data: {root: x}\nacoustic: {learning_rate: .nan}\n", "acoustic.learning_rate"},
      {"data: {root: x}\nacoustic: {learning_rate: .inf}\n", "acoustic.learning_rate"},
      {"data: {root: x}\nacoustic: {learning_rate: -1e-9}\n", "acoustic.learning_rate"},
      {"data: {root: x}\nacoustic: {precision: fp8}\n", "acoustic.precision"},
      {"data: {root: x}\nacoustic: [1]\n", "acoustic"},
      {"data: {root: x}\nacoustic_loss: {energy_weight: -1}\n", "energy_weight"},
      {"data: {root: x}\nmodel: {energy: loud}\n", "model.energy"},
      {"name: x\n", "data"},
      {"device: abacus\ndata: {root: x}\n", "device"},
      {"data: {}\n", "root"},
      {"data: {sources: x}\n", "data.sources"},
      {"data: {sources: [x]}\n", "data.sources"},
      {"data: {sources: [{root: x, repeat: 0}]}\n", "sources[0].repeat"},
      {"data: {root: x, sources: [{root: y}]}\n", "either"},
      {"speakers: [a]\ndata: {sources: [{root: x, speaker: b}]}\n", "'b'"},
      {"speakers: []\ndata: {root: x}\n", "speakers"},
      {"speakers: [a, b]\nmodel: {speakers: 3}\ndata: {root: x}\n", "model.speakers"},
      {"speaker: a\nspeakers: [a]\ndata: {root: x}\n", "speaker"},
      {"data: {root: x}\nseed: 1\nseed: 2\n", "seed"},
      {"data: [\n", "test.yaml"},
  };
  for (const auto& item : kCases) EXPECT_THAT(Message(item.text), HasSubstr(item.named)) << item.text;
}

TEST(TrainConfigTest, AFileThatEndsAnywhereIsAConfigOrAnError) {
  for (const char* name : {"configs/stage1_poc.yaml", "configs/stage3_multispeaker.yaml"}) {
    const auto text = ReadFile(fs::path(M2TTS_SOURCE_DIR) / name);
    ASSERT_TRUE(text.ok()) << text.status();
    for (size_t length = 0; length < text->size(); ++length) {
      const auto config = ParseTrainConfig(text->substr(0, length), "cut.yaml");
      if (config.ok()) continue;
      ASSERT_TRUE(absl::IsInvalidArgument(config.status())) << length << config.status();
      ASSERT_THAT(std::string(config.status().message()), HasSubstr("cut.yaml")) << length;
    }
  }
}

TEST(TrainConfigTest, HostileTextsAreErrors) {
  std::string bomb = "a: &a [x, x, x, x, x, x, x, x]\n";
  for (char c = 'b'; c < 'z'; ++c) {
    const std::string before(1, static_cast<char>(c - 1));
    bomb += fmt::format("{0}: &{0} [*{1}, *{1}, *{1}, *{1}, *{1}, *{1}, *{1}, *{1}]\n", c, before);
  }
  for (const std::string& text :
       {std::string(), std::string("just text"), std::string("- a\n- b"), std::string("\0\xff\xfe", 3),
        std::string("data: &d {root: x, sources: [*d]}"),
        std::string("data: {root: x}\nmodel: &m {vocoder: *m}"),
        std::string("data: {root: x}\nprogressive: [{steps: 1, hidden: 16}]\nmodel: &m {hidden: *m}"),
        std::string("data: {root: x}\n? [a]\n: b"), std::string("data: {root: x}\n") + bomb,
        "data: {root: x}\nname: " + std::string(1000, '[')}) {
    Message(text);
  }
  // A long value is cut in the message.
  EXPECT_LT(Message("data: {root: x}\nacoustic: {precision: " + std::string(100000, 'y') + "}").size(),
            1000u);
}

}  // namespace
}  // namespace m2tts
