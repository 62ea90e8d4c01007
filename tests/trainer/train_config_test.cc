// What the trainer reads as a config, and what it refuses.
#include "trainer/config/train_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <regex>
#include <set>

#include "core/base/file.h"

namespace m2tts {
namespace {

namespace fs = std::filesystem;

using ::testing::HasSubstr;
using ::testing::Not;

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
      {"data: {root: x, loudness: -5}\n", "data.loudness"},
      {"data: {root: x, loudness: 0}\n", "data.loudness"},
      {"data: {root: x, loudness: loud}\n", "data.loudness"},
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
      {"data: {root: x, min_seconds: 3, max_seconds: 2}\n", "line 1: data.min_seconds: 3 is more than"},
      {"data:\n  root: x\n  max_seconds: 0.2\n", "data.min_seconds: 0.3 is more than max_seconds, 0.2"},
      {"data: {root: x}\nmodel:\n  vocoder:\n    type: hifigan\n    upsample: [8, 8, 2]\n",
       "line 5: model.vocoder.upsample: the product of the factors is 128, audio.hop_length 256"},
      {"data: {root: x}\naudio: {hop_length: 200}\nmodel:\n  vocoder: {type: hifigan}\n",
       "line 4: model.vocoder.upsample: the product of the factors is 256, audio.hop_length 200"},
      {"data: {root: x}\naudio: {sample_rate: 8000, n_fft: 256, hop_length: 64, f_max: 4000}\nvocoder:\n"
       "  segment_frames: 16\n",
       "line 4: vocoder.segment_frames: 16 frames of 64 samples (audio.hop_length) are 1024, and more than "
       "1024"},
      {"data: {root: x}\naudio: {n_fft: 8192}\nvocoder:\n  segment_frames: 16\n",
       "more than 4096 are needed"},
      {"data: {root: x}\nname: Zo\xeb\n", "test.yaml: line 2: byte 0xeb is not UTF-8"},
  };
  for (const auto& item : kCases) EXPECT_THAT(Message(item.text), HasSubstr(item.named)) << item.text;
}

TEST(TrainConfigTest, NamesWhatDoesNotGoTogether) {
  const struct {
    const char* text;
    const char* named;
  } kCases[] = {
      {"data: {sources: [{root: x}], limit: 3}\n", "data.limit: each of the sources has its own"},
      {"data: {root: x}\naligner: {precision: bf16}\n", "line 2: aligner.precision: the aligner has none"},
      {"data: {root: x}\naligner: {recompute: true}\n", "aligner.recompute: the aligner has none"},
      {"data: {root: x}\nprotection: {pause_at: hot}\n",
       "protection.pause_at: 'hot' is not one of fair, serious, critical, never"},
      {"data: {root: x}\nprotection: {stop_at: nominal}\n", "protection.stop_at"},
      {"data: {root: x}\nprotection: {sample_seconds: 0}\n",
       "protection.sample_seconds: 0 is outside [0.01, 3600]"},
      {"data: {root: x}\nprotection: {celsius: {fair: 99}}\n",
       "protection.celsius: fair 99 < serious 90 < critical 100 does not hold"},
      {"data: {root: x}\nprotection: {memory_percent: {hystereses: 1}}\n", "hystereses"},
  };
  for (const auto& item : kCases) EXPECT_THAT(Message(item.text), HasSubstr(item.named)) << item.text;
}

TEST(TrainConfigTest, ProtectionIsReadAndCanBeNever) {
  const auto config = ParseTrainConfig(
      "data: {root: x}\n"
      "protection: {enabled: false, pause_at: never, stop_at: serious, sensors: s.yaml, celsius: {fair: "
      "70}}\n",
      "test.yaml");
  ASSERT_TRUE(config.ok()) << config.status();
  const ProtectionConfig& protection = config->protection;
  EXPECT_FALSE(protection.enabled);
  EXPECT_FALSE(protection.pause_at.has_value());
  EXPECT_EQ(protection.stop_at, Level::kSerious);
  EXPECT_EQ(protection.sensors, "s.yaml");
  EXPECT_EQ(protection.levels.celsius.fair, 70.0);
  EXPECT_EQ(protection.levels.celsius.serious, 90.0) << "what is not said keeps its default";
}

TEST(TrainConfigTest, OnlyTheHifiganVocoderMindsItsFactors) {
  for (const char* text : {"data: {root: x}\naudio: {hop_length: 200}\n",
                           "data: {root: x}\nmodel: {vocoder: {type: hifigan, upsample: [16, 16]}}\n",
                           "data: {root: x, min_seconds: 2, max_seconds: 2}\nname: Zo\xc3\xab\n"}) {
    const auto config = ParseTrainConfig(text, "test.yaml");
    EXPECT_TRUE(config.ok()) << config.status();
  }
}

// docs/training.md lists the settings. Both ways: what the parser asks for is there, and what is there the
// parser knows.
class SettingsTableTest : public testing::Test {
 protected:
  void SetUp() override {
    const auto page = ReadFile(fs::path(M2TTS_SOURCE_DIR) / "docs/training.md");
    ASSERT_TRUE(page.ok()) << page.status();
    const size_t begin = page->find("\n## All settings\n");
    ASSERT_NE(begin, std::string::npos);
    section_ = page->substr(begin + 1, page->find("\n## ", begin + 1) - begin);
  }
  static std::vector<std::string> Find(const std::string& text, const char* pattern) {
    const std::regex regex(pattern);
    std::vector<std::string> found;
    for (std::sregex_iterator it(text.begin(), text.end(), regex), end; it != end; ++it)
      found.push_back((*it)[1]);
    return found;
  }
  // A config with a value under `path` ("data.sources[].root") that no key has: a list in a list.
  static std::string Misuse(const std::string& path) {
    const size_t dot = path.rfind('.');
    const std::string leaf = path.substr(dot == std::string::npos ? 0 : dot + 1);
    std::string folder = dot == std::string::npos ? "" : path.substr(0, dot);
    std::string text = leaf + ": [[]]";
    if (folder.rfind("data", 0) == 0 && leaf != "root") text += ", root: x";
    if (folder == "progressive[]" && leaf != "steps") text += ", steps: 1";
    while (!folder.empty()) {
      const size_t above = folder.rfind('.');
      std::string name = folder.substr(above == std::string::npos ? 0 : above + 1);
      folder = above == std::string::npos ? "" : folder.substr(0, above);
      const bool list = name.find("[]") != std::string::npos;
      name = name.substr(0, name.find("[]"));
      text = list ? name + ": [{" + text + "}]" : name + ": {" + text + "}";
    }
    return text + (path.rfind("data", 0) == 0 ? "\n" : "\ndata: {root: x}\n");
  }

  std::string section_;
};

TEST_F(SettingsTableTest, NamesEveryKeyThatTheParserKnows) {
  std::set<std::string> documented;
  for (const std::string& name : Find(section_, "`([A-Za-z0-9_.\\[\\]]+)`")) {
    documented.insert(name.substr(name.rfind('.') + 1));
  }
  size_t checked = 0;
  for (const char* file : {"trainer/config/train_config.cc", "core/model/model_config.cc",
                           "core/audio/audio_config.cc", "core/device/levels.cc"}) {
    const auto source = ReadFile(fs::path(M2TTS_SOURCE_DIR) / file);
    ASSERT_TRUE(source.ok()) << source.status();
    auto keys = Find(*source, "(?:Optional|ReadLevel)\\((?:&yaml, )?\"([a-z0-9_]+)\"");
    for (const std::string& key : Find(*source, "\\{\"([a-z_]+)\", &")) keys.push_back(key);
    for (const std::string& key : keys) EXPECT_EQ(documented.count(key), 1u) << file << ": " << key;
    checked += keys.size();
  }
  EXPECT_GT(checked, 100u);
}

TEST_F(SettingsTableTest, NamesNoOther) {
  // Of the first column, and of the paragraph on protection.
  std::vector<std::string> keys = Find(section_, "\n\\| `([a-z_]+)`");
  for (const std::string& key : Find(section_,
                                     "`((?:data|audio|model|progressive|acoustic|vocoder|"
                                     "acoustic_loss|vocoder_loss|protection|STAGE|LOSS)"
                                     "(?:\\[\\])?\\.[a-z_.\\[\\]]+)`")) {
    if (key.rfind("STAGE.", 0) == 0) {
      for (const char* stage : {"aligner", "acoustic", "vocoder"}) keys.push_back(stage + key.substr(5));
    } else if (key.rfind("LOSS.", 0) == 0) {
      for (const char* loss : {"acoustic_loss", "vocoder_loss"}) keys.push_back(loss + key.substr(4));
    } else {
      keys.push_back(key);
    }
  }
  EXPECT_GT(keys.size(), 120u);
  for (const std::string& key : keys) {
    const std::string message = Message(Misuse(key));
    EXPECT_THAT(message, HasSubstr(key.substr(key.rfind('.') + 1))) << key;
    EXPECT_THAT(message, HasSubstr("expected")) << key;
    EXPECT_THAT(message, Not(HasSubstr("unknown key"))) << key;
  }
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
