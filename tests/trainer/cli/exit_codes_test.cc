// Exit codes, and output that does not arrive.
#include <gmock/gmock.h>

#include "tests/trainer/cli/trainer_command.h"
#include "trainer/data/dataset.h"

namespace m2tts {
namespace {

using ::testing::HasSubstr;

class ExitCodesTest : public TrainerCommandTest {
 protected:
  // With standard output on a disk that is full.
  static ProcessResult RunWithoutRoom(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"/bin/sh", "-c", "exec \"$0\" \"$@\" > /dev/full", kTrainer});
    return RunAll(arguments);
  }
};

TEST_F(ExitCodesTest, HelpTellsThem) {
  const ProcessResult help = Run({"--help"});
  EXPECT_EQ(help.exit_code, 0);
  EXPECT_THAT(help.out, HasSubstr("2 wrong usage, or a config, corpus, voice or program"));
  const auto page = ReadFile(M2TTS_SOURCE_DIR "/docs/training.md");
  ASSERT_TRUE(page.ok()) << page.status();
  EXPECT_THAT(*page, HasSubstr("| 2 | wrong usage, or a config, corpus, voice or program that is missing"));
}

TEST_F(ExitCodesTest, TwoForWhatIsMissingOrNotValid) {
  Put("bad.yaml", "data: {root: x}\nacustic: {}\n");
  Put("good.yaml", "data: {root: " + Path("nowhere") + "}\n");
  Put("empty/metadata.csv", "");
  const std::vector<std::vector<std::string>> commands = {
      {},
      {"train"},
      {"train", Path("nowhere.yaml")},
      {"train", Path("bad.yaml"), "--validate-config"},
      {"train", Path("good.yaml"), "--run", Path("run")},
      {"export", Path("nowhere"), "-o", Path("voice")},
      {"say", Path("nowhere"), "Hello.", "-o", Path("out.wav")},
      {"say", Shipped("en_US-slt"), "Hello. You.", "-o", Path("out.wav"), "--speed", "0"},
      {"say", Shipped("en_US-slt"), "Hello. You.", "-o", Path("out.wav"), "--speed", "nan"},
      {"compress", Path("nowhere"), "-o", Path("voice")},
      {"compress", Shipped("en_US-slt"), "-o", Path("voice"), "--speaker", "nobody"},
      {"eval", Path("nowhere"), "--data", Path("nowhere"), "--no-wer"},
      {"eval", Shipped("en_US-slt"), "--data", Path("nowhere"), "--no-wer"},
      {"eval", Shipped("en_US-slt"), "--data", Path("empty"), "--no-wer"},
      {"check", Path("nowhere")},
      {"report", Path("nowhere")}};
  for (const auto& command : commands) {
    const ProcessResult result = Run(command);
    EXPECT_EQ(result.exit_code, 2) << testing::PrintToString(command) << result.err;
    EXPECT_NE(result.err, "") << testing::PrintToString(command);
  }
  EXPECT_FALSE(std::filesystem::exists(folder_.path() / "voice"));
}

TEST_F(ExitCodesTest, OneForADamagedFile) {
  PutTone("corpus/wavs/a.wav");
  const auto whole = ReadFile(folder_.path() / "corpus/wavs/a.wav");
  ASSERT_TRUE(whole.ok());
  Put("corpus/wavs/a.wav", whole->substr(0, whole->size() / 2));
  Put("corpus/metadata.csv", "a|Hello there.\n");
  const ProcessResult result =
      Run({"eval", Shipped("en_US-slt"), "--data", Path("corpus"), "--no-wer", "--limit", "1"});
  EXPECT_EQ(result.exit_code, 1) << result.err;
  EXPECT_THAT(result.err, HasSubstr("metadata.csv:1: sentence 'a': "));
  EXPECT_THAT(result.err, HasSubstr("truncated"));
}

#ifdef __linux__
TEST_F(ExitCodesTest, OutputThatFindsNoRoomIsAFailure) {
  Put("good.yaml", "data: {root: x}\n");
  PutTone("corpus/wavs/a.wav");
  Put("corpus/metadata.csv", "a|Hello there.\n");
  ASSERT_TRUE(WriteDummyCorpus(folder_.path() / "whole", 12, 22050).ok());
  const std::vector<std::vector<std::string>> commands = {
      {"--help"},
      {"--version"},
      {"train", Path("good.yaml"), "--validate-config"},
      {"say", Shipped("en_US-slt"), "Hello.", "-o", Path("out.wav")},
      {"eval", Shipped("en_US-slt"), "--data", Path("corpus"), "--no-wer"},
      {"check", Path("whole")}};
  for (const auto& command : commands) {
    const ProcessResult result = RunWithoutRoom(command);
    EXPECT_EQ(result.exit_code, 1) << testing::PrintToString(command) << result.err;
    EXPECT_THAT(result.err, HasSubstr("standard output: cannot write"));
  }
}

// More than the program keeps back: printing itself fails, by an exception.
TEST_F(ExitCodesTest, ALongOutputThatFindsNoRoomIsAFailureToo) {
  std::string rows;
  for (int i = 0; i < 2000; ++i) rows += "clip" + std::to_string(i) + "|There is no such file.\n";
  Put("corpus/metadata.csv", rows);
  const ProcessResult result = RunWithoutRoom({"check", Path("corpus"), "--json"});
  EXPECT_EQ(result.exit_code, 1) << result.err;
  EXPECT_THAT(result.err, HasSubstr("m2tts-trainer: unexpected error: "));
  EXPECT_THAT(result.err, HasSubstr("No space left on device"));
}
#endif

}  // namespace
}  // namespace m2tts
