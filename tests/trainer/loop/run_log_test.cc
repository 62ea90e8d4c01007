#include "trainer/loop/run_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "core/audio/codec.h"
#include "core/base/file.h"
#include "tests/core/base/temp_folder.h"
#include "trainer/corpus/process.h"

namespace m2tts {
namespace {

namespace fs = std::filesystem;

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Json = nlohmann::json;

std::vector<Json> Lines(const std::string& text) {
  std::vector<Json> lines;
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = text.find('\n', begin);
    lines.push_back(Json::parse(text.substr(begin, end - begin)));
    begin = end + 1;
  }
  return lines;
}

// All records in the event files of a folder, as a reader of its own sees them.
std::vector<Json> Events(const fs::path& folder) {
  std::vector<std::string> command = {"python3", M2TTS_SOURCE_DIR "/tests/trainer/monitor/read_events.py"};
  for (const auto& entry : fs::directory_iterator(folder)) command.push_back(entry.path().string());
  const auto result = RunProcess(command);
  EXPECT_TRUE(result.ok() && result->ok()) << (result.ok() ? result->Describe() : "");
  return Lines(result->out);
}

Samples OneOfEach(float level) {
  Samples samples;
  samples.images.push_back({"mel-1", Picture(4, 3, {1, 2, 3})});
  samples.sounds.push_back({"speech-1", std::vector<float>(500, level), 22050, false});
  samples.sounds.push_back({"speech-1", std::vector<float>(500, level), 22050, true});
  return samples;
}

TEST(RunLogTest, LinesAndEventFilesSayTheSame) {
  const TempFolder folder;
  {
    const auto log = RunLog::Open(folder.path());
    ASSERT_TRUE(log.ok()) << log.status();
    (*log)->Facts({{"name", "x"}, {"config", "seed: 1\n"}, {"odd", "\xff"}});
    (*log)->Event("step", "acoustic", 20, {{"loss", 0.5}, {"mel", 0.25}});
    (*log)->Event("validation", "acoustic", 20, {{"mel", 0.125}});
    (*log)->Event("paused", "acoustic", 20, {}, "heat");
    (*log)->Event("step", "vocoder", 40, {{"loss", 2}});
  }
  const auto lines = Lines(*ReadFile(folder.path() / "log.jsonl"));
  ASSERT_EQ(lines.size(), 5u);
  EXPECT_EQ(lines[0]["event"], "run");
  EXPECT_EQ(lines[0]["config"], "seed: 1\n");
  EXPECT_EQ(lines[3]["reason"], "heat");

  const auto events = Events(folder.path() / "tensorboard/acoustic");
  ASSERT_EQ(events.size(), 4u);  // version, start, and two lines
  EXPECT_EQ(events[1]["session"], 1);
  EXPECT_EQ(events[1]["step"], 20);
  EXPECT_EQ(events[2]["values"], Json::parse(R"([{"tag": "train/loss", "simple_value": 0.5},
                                                 {"tag": "train/mel", "simple_value": 0.25}])"));
  EXPECT_EQ(events[3]["values"], Json::parse(R"([{"tag": "validation/mel", "simple_value": 0.125}])"));
  EXPECT_EQ(Events(folder.path() / "tensorboard/vocoder").size(), 3u);
}

TEST(RunLogTest, ShowsPicturesAndSounds) {
  const TempFolder folder;
  const auto log = RunLog::Open(folder.path());
  ASSERT_TRUE(log.ok()) << log.status();
  (*log)->Show("acoustic", 1000, OneOfEach(0.5f));
  (*log)->Show("acoustic", 2000, OneOfEach(0.25f));
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder.path() / "samples"))
    names.push_back(entry.path().filename().string());
  std::sort(names.begin(), names.end());
  EXPECT_THAT(names, ElementsAre("acoustic-00001000-mel-1.png", "acoustic-00001000-speech-1.wav",
                                 "acoustic-00002000-mel-1.png", "acoustic-00002000-speech-1.wav",
                                 "acoustic-natural-speech-1.wav"));
  const auto later = ReadAudioFile(folder.path() / "samples/acoustic-00002000-speech-1.wav");
  ASSERT_TRUE(later.ok()) << later.status();
  EXPECT_EQ(later->frames(), 500u);
  EXPECT_NEAR(later->samples[7], 0.25f, 1e-4);
  // The recording is that of the first time.
  EXPECT_NEAR(ReadAudioFile(folder.path() / "samples/acoustic-natural-speech-1.wav")->samples[7], 0.5f, 1e-4);

  const auto events = Events(folder.path() / "tensorboard/acoustic");
  ASSERT_EQ(events.size(), 2u + 3u + 2u);
  EXPECT_EQ(events[2]["values"][0]["tag"], "samples/mel-1");
  EXPECT_EQ(events[2]["values"][0]["image"]["width"], 4);
  EXPECT_EQ(events[3]["values"][0]["audio"]["length_frames"], 500);
  EXPECT_EQ(events[4]["values"][0]["tag"], "samples/speech-1-natural");
  EXPECT_EQ(events[6]["step"], 2000);
}

TEST(RunLogTest, WhatCannotBeShownIsAMessage) {
  const TempFolder folder;
  ASSERT_TRUE(WriteFileAtomic(folder.path() / "samples", "a file in the way").ok());
  ASSERT_TRUE(WriteFileAtomic(folder.path() / "tensorboard", "another").ok());
  const auto log = RunLog::Open(folder.path());
  ASSERT_TRUE(log.ok()) << log.status();
  testing::internal::CaptureStderr();
  (*log)->Event("step", "acoustic", 20, {{"loss", 0.5}});
  (*log)->Show("acoustic", 20, OneOfEach(std::nanf("")));
  EXPECT_THAT(testing::internal::GetCapturedStderr(), HasSubstr(folder.path().string()));
  EXPECT_EQ(Lines(*ReadFile(folder.path() / "log.jsonl")).size(), 1u);
}

}  // namespace
}  // namespace m2tts
