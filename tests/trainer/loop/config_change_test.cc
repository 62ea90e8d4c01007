#include "trainer/loop/config_change.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace m2tts {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr char kConfig[] = R"(
seed: 1
threads: 2
data: {root: a, limit: 5, sources: [{root: b, speaker: x}]}
model: {hidden: 32, vocoder: {type: istft}}
aligner: {steps: 10}
acoustic: {steps: 10, learning_rate: 1e-3, frames_per_batch: 100}
vocoder: {steps: 10, segment_frames: 20}
)";

std::string With(const std::string& from, const std::string& to) {
  std::string text = kConfig;
  const size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

TEST(ConfigChangeTest, NamesWhatChanged) {
  EXPECT_THAT(ChangedFields(kConfig, kConfig, "acoustic"), IsEmpty());
  EXPECT_THAT(ChangedFields(kConfig, With("seed: 1", "seed: 2"), "acoustic"),
              ElementsAre("seed: was 1, is 2"));
  EXPECT_THAT(ChangedFields(kConfig, With("limit: 5, ", ""), "acoustic"),
              ElementsAre("data.limit: was 5, is not given"));
  EXPECT_THAT(ChangedFields(kConfig, With("frames_per_batch: 100", "accumulate: 4"), "acoustic"),
              ElementsAre("acoustic.accumulate: was not given, is 4",
                          "acoustic.frames_per_batch: was 100, is not given"));
  EXPECT_THAT(ChangedFields(kConfig, With("speaker: x", "speaker: y"), "aligner"),
              ElementsAre("data.sources[0].speaker: was x, is y"));
}

TEST(ConfigChangeTest, SomeFieldsMayChange) {
  EXPECT_THAT(
      ChangedFields(kConfig, With("threads: 2", "threads: 8\ndevice: cuda\nprotection: {pause_at: never}"),
                    "acoustic"),
      IsEmpty());
  EXPECT_THAT(ChangedFields(kConfig, With("acoustic: {steps: 10", "acoustic: {steps: 99, validate_every: 3"),
                            "acoustic"),
              IsEmpty());
  EXPECT_THAT(ChangedFields(kConfig, With("{root: a", "{root: z, cache: c"), "acoustic"), IsEmpty());
  EXPECT_THAT(ChangedFields(kConfig, With("root: b", "root: moved"), "acoustic"), IsEmpty());
  EXPECT_THAT(ChangedFields(kConfig, With("1e-3", "0.001"), "acoustic"), IsEmpty()) << "the same number";
}

TEST(ConfigChangeTest, AStageIsIndifferentToTheOthers) {
  const std::string vocoder = With("segment_frames: 20", "segment_frames: 40");
  EXPECT_THAT(ChangedFields(kConfig, vocoder, "acoustic"), IsEmpty());
  EXPECT_EQ(ChangedFields(kConfig, vocoder, "vocoder").size(), 1u);
  const std::string wide = With("hidden: 32", "hidden: 64");
  EXPECT_THAT(ChangedFields(kConfig, wide, "aligner"), IsEmpty());
  EXPECT_THAT(ChangedFields(kConfig, wide, "vocoder"), IsEmpty());
  EXPECT_EQ(ChangedFields(kConfig, wide, "acoustic").size(), 1u);
  const std::string energy = With("hidden: 32", "hidden: 32, energy: true");
  EXPECT_THAT(ChangedFields(kConfig, energy, "vocoder"), IsEmpty());
  EXPECT_THAT(ChangedFields(kConfig, energy, "acoustic"),
              ElementsAre("model.energy: was not given, is true"));
  const std::string type = With("type: istft", "type: hifigan");
  EXPECT_THAT(ChangedFields(kConfig, type, "acoustic"), IsEmpty());
  EXPECT_EQ(ChangedFields(kConfig, type, "vocoder").size(), 1u);
}

TEST(ConfigChangeTest, ADefaultThatIsSpelledOutIsNoChange) {
  const std::string text = "data: {root: a}\nacoustic: {learning_rate: 0.002}\n";
  EXPECT_THAT(
      ChangedFields(text,
                    "data: {root: a, validation: 48, max_seconds: 14}\nseed: 1\n"
                    "model: {hidden: 128, pitch: true}\n"
                    "acoustic: {learning_rate: 2e-3, accumulate: 1, precision: fp32, trainable: []}\n",
                    "acoustic"),
      IsEmpty());
  EXPECT_THAT(ChangedFields(text, "data: {root: a, validation: 47}\nacoustic: {accumulate: 2}\n", "acoustic"),
              ElementsAre("acoustic.accumulate: was not given, is 2",
                          "acoustic.learning_rate: was 0.002, is not given",
                          "data.validation: was not given, is 47"));
  const std::string hifigan = "data: {root: a}\nmodel: {vocoder: {type: hifigan}}\n";
  EXPECT_THAT(
      ChangedFields(hifigan, "data: {root: a}\nmodel: {vocoder: {type: hifigan, upsample: [8, 8, 4]}}\n",
                    "vocoder"),
      IsEmpty());
  EXPECT_EQ(
      ChangedFields(hifigan, "data: {root: a}\nmodel: {vocoder: {type: hifigan, upsample: [8, 4, 8]}}\n",
                    "vocoder")
          .size(),
      3u);
  // One that this version cannot read says at least what it says.
  EXPECT_THAT(ChangedFields(text + "old: 3\n", text, "acoustic"), ElementsAre("old: was 3, is not given"));
}

TEST(ConfigChangeTest, TheErrorSaysWhatToDo) {
  EXPECT_TRUE(CheckUnchanged(kConfig, kConfig, "acoustic").ok());
  const Status status = CheckUnchanged(kConfig, With("seed: 1", "seed: 2"), "acoustic");
  EXPECT_EQ(status.code(), StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(status.message()), HasSubstr("--run"));
  EXPECT_FALSE(CheckUnchanged("seed: [", kConfig, "acoustic").ok());
}

// A checkpoint of somebody else may hold anything.
TEST(ConfigChangeTest, HostileConfigsEnd) {
  std::string bomb = "a: &a [1, 1, 1, 1, 1, 1, 1, 1]\n", hollow = "a: &a []\n";
  for (char c = 'b'; c < 'm'; ++c) {
    const std::string before(1, static_cast<char>(c - 1));
    std::string list;
    for (int i = 0; i < 8; ++i) list += "*" + before + ", ";
    bomb += fmt::format("{0}: &{0} [{1}]\n", c, list);
    hollow += fmt::format("{0}: &{0} [{1}]\n", c, list);
  }
  for (const std::string& text : {std::string("a: &a [*a]"), std::string("a: &a {b: *a}"), bomb, hollow,
                                  "a: " + std::string(100, '[') + std::string(100, ']'),
                                  std::string("{[1]: 2}"), std::string("\0\xff", 2)}) {
    EXPECT_FALSE(CheckUnchanged(text, kConfig, "acoustic").ok()) << text.substr(0, 40);
    EXPECT_FALSE(CheckUnchanged(kConfig, text, "acoustic").ok()) << text.substr(0, 40);
  }
  EXPECT_THAT(ChangedFields("a: &a [*a]", kConfig, "acoustic"),
              ElementsAre("the config of the checkpoint cannot be read"));
}

}  // namespace
}  // namespace m2tts
