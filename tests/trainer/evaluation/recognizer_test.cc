#include "trainer/evaluation/recognizer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/trainer/corpus/fake_programs.h"

namespace m2tts {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class RecognizerTest : public ::testing::Test {
 protected:
  // A recognizer of this body; "$1" is the file.
  StatusOr<std::vector<std::string>> Run(const std::string& body, size_t files) {
    RecognizerOptions options;
    options.command = fakes_.Install("recognizer", body).string() + " {wav}";
    options.timeout = timeout_;
    std::vector<std::filesystem::path> wavs;
    for (size_t i = 0; i < files; ++i) wavs.push_back(fakes_.dir() / fmt::format("{}.wav", i));
    return Recognize(wavs, options);
  }

  FakePrograms fakes_;
  std::chrono::seconds timeout_{60};
};

TEST_F(RecognizerTest, AnswersComeInOrderAndLinesAreJoined) {
  const auto texts = Run("echo noise >&2; echo file; basename $1 .wav", 5);
  ASSERT_TRUE(texts.ok()) << texts.status();
  EXPECT_THAT(*texts, ElementsAre("file 0 ", "file 1 ", "file 2 ", "file 3 ", "file 4 "));
}

TEST_F(RecognizerTest, OneEmptyAnswerIsAnAnswerAllEmptyAreAnError) {
  const auto some = Run("case $1 in */1.wav) echo word;; esac", 3);
  ASSERT_TRUE(some.ok()) << some.status();
  EXPECT_THAT(*some, ElementsAre("", "word ", ""));
  const auto none = Run("echo; exit 0", 3);
  EXPECT_EQ(none.status().code(), StatusCode::kInternal);
  EXPECT_THAT(std::string(none.status().message()), HasSubstr("printed nothing for any of 3 files"));
}

TEST_F(RecognizerTest, FailureAndCrashNameFileAndReason) {
  const auto failed = Run("echo 'no model' >&2; exit 1", 1);
  EXPECT_EQ(failed.status().code(), StatusCode::kInternal);
  EXPECT_THAT(std::string(failed.status().message()), HasSubstr("0.wav: exit code 1: no model"));
  const auto crashed = Run("echo partial; kill -SEGV $$", 4);
  EXPECT_THAT(std::string(crashed.status().message()), HasSubstr("killed by signal 11"));
}

TEST_F(RecognizerTest, HangIsEnded) {
  timeout_ = std::chrono::seconds(1);
  EXPECT_EQ(Run("exec sleep 60", 1).status().code(), StatusCode::kDeadlineExceeded);
}

TEST_F(RecognizerTest, MissingOrUselessCommand) {
  RecognizerOptions options;
  options.command = "m2tts-no-such-recognizer {wav}";
  EXPECT_EQ(Recognize({}, options).status().code(), StatusCode::kNotFound);
  options.command = "cat";
  EXPECT_THAT(std::string(options.Validate().message()), HasSubstr("{wav}"));
  options.command = "";
  EXPECT_EQ(options.Validate().code(), StatusCode::kInvalidArgument);
  options.command = "cat {wav}";
  options.jobs = 0;
  EXPECT_EQ(options.Validate().code(), StatusCode::kInvalidArgument);
}

TEST_F(RecognizerTest, WritesSixteenKilohertzMono) {
  const std::filesystem::path path = fakes_.dir() / "r.wav";
  ASSERT_TRUE(WriteRecognizerWav(std::vector<float>(22050, 0.25f), 22050, path).ok());
  const auto audio = ReadAudioFile(path);
  ASSERT_TRUE(audio.ok()) << audio.status();
  EXPECT_EQ(audio->sample_rate, 16000);
  EXPECT_EQ(audio->channels, 1);
  EXPECT_EQ(audio->frames(), 16000u);
}

}  // namespace
}  // namespace m2tts
