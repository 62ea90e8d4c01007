#include "trainer/evaluation/compare_systems.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "tests/trainer/corpus/fake_programs.h"
#include "trainer/evaluation/report.h"

namespace m2tts {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::vector<float> Tone() {
  std::vector<float> wave(11025);
  for (size_t i = 0; i < wave.size(); ++i) wave[i] = 0.4f * std::sin(0.05f * static_cast<float>(i));
  return wave;
}

// A corpus of two sentences, and a recognizer that hears the recordings (even files) rightly
// and a word too few from the voice.
class CompareSystemsTest : public ::testing::Test {
 protected:
  CompareSystemsTest() {
    std::filesystem::create_directories(fakes_.dir() / "wavs");
    WriteText(fakes_.dir() / "metadata.csv",
              "a|Hello there|Hello there\nb|Good morning, all|Good morning, all\n");
    for (const char* id : {"a", "b"}) {
      WriteText(fakes_.dir() / "wavs" / (std::string(id) + ".wav"),
                EncodeAudio(Tone(), 22050, AudioEncoding::kWav).value());
    }
    options_.recognizer.command = fakes_
                                      .Install("recognizer", R"(case $1 in
      */000000.wav) echo hello there;; */000001.wav) echo hello;;
      */000002.wav) echo good morning all;; */000003.wav) echo good morning;; esac)")
                                      .string() +
                                  " {wav}";
    items_ = ReadEvalItems(fakes_.dir(), 0).value();
  }

  FakePrograms fakes_;
  EvalOptions options_;
  std::vector<EvalItem> items_;
  const SynthesizeFn tone_ = [](const std::string&) { return Tone(); };
};

TEST_F(CompareSystemsTest, MeasuresVoiceAndRecordings) {
  std::vector<std::string> asked;
  size_t recognized = 0;
  const auto report = CompareSystems(
      items_,
      [&](const std::string& text) {
        asked.push_back(text);
        return Tone();
      },
      options_,
      [&](const std::string& stage, size_t done, size_t) {
        if (stage == "recognition") recognized = done;
      });
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_THAT(asked, ::testing::ElementsAre("Hello there", "Good morning, all"));
  EXPECT_EQ(recognized, 4u);
  EXPECT_TRUE(report->recognized);
  EXPECT_EQ(report->recording_errors.errors(), 0);
  EXPECT_EQ(report->voice_errors.deletions, 2);
  EXPECT_EQ(report->voice_errors.words, 5);
  EXPECT_DOUBLE_EQ(report->difference.value, 0.4);
  EXPECT_LT(report->mcd_db, 0.5);  // 16-bit rounding
  EXPECT_NEAR(report->duration_error, 0.0, 1e-9);
  EXPECT_EQ(report->sentences[1].heard_in_voice, "good morning ");
}

TEST_F(CompareSystemsTest, ReportsForPeopleAndPrograms) {
  const auto report = CompareSystems(items_, tone_, options_);
  ASSERT_TRUE(report.ok()) << report.status();
  const std::string table = FormatEvalTable(*report);
  EXPECT_THAT(table, HasSubstr("recordings     0.00 %       0     0     0     0"));
  EXPECT_THAT(table, HasSubstr("voice         40.00 %       2     0     2     0"));
  EXPECT_THAT(table, HasSubstr("difference   +40.00 points"));
  const auto json = nlohmann::json::parse(FormatEvalJson(*report));
  EXPECT_EQ(json["sentence_count"], 2);
  EXPECT_EQ(json["wer"]["voice"]["errors"], 2);
  EXPECT_EQ(json["sentences"][0]["id"], "a");
}

TEST_F(CompareSystemsTest, WithoutARecognizer) {
  options_.recognize = false;
  options_.recognizer.command = "m2tts-no-such-recognizer {wav}";
  const auto report = CompareSystems(items_, tone_, options_);
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_FALSE(report->recognized);
  EXPECT_THAT(FormatEvalTable(*report), Not(HasSubstr("WER")));
  EXPECT_FALSE(nlohmann::json::parse(FormatEvalJson(*report)).contains("wer"));
}

TEST_F(CompareSystemsTest, JsonSurvivesBytesThatAreNotUtf8) {
  options_.recognizer.command = fakes_.Install("recognizer", "printf '\\377word'").string() + " {wav}";
  const auto report = CompareSystems(items_, tone_, options_);
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_TRUE(nlohmann::json::accept(FormatEvalJson(*report)));
}

TEST_F(CompareSystemsTest, AMissingRecognizerIsSaidBeforeAnyWork) {
  options_.recognizer.command = "m2tts-no-such-recognizer {wav}";
  bool asked = false;
  const auto report = CompareSystems(
      items_,
      [&](const std::string&) {
        asked = true;
        return Tone();
      },
      options_);
  EXPECT_EQ(report.status().code(), StatusCode::kNotFound);
  EXPECT_FALSE(asked);
}

TEST_F(CompareSystemsTest, ErrorsNameTheSentence) {
  const auto failing = CompareSystems(
      items_, [](const std::string&) -> StatusOr<std::vector<float>> { return Internal("no voice"); },
      options_);
  EXPECT_EQ(std::string(failing.status().message()), "sentence 'a': no voice");
  const auto empty = CompareSystems(
      items_, [](const std::string&) { return std::vector<float>(); }, options_);
  EXPECT_THAT(std::string(empty.status().message()), HasSubstr("sentence 'a': the synthesized audio"));
  EXPECT_EQ(CompareSystems({}, tone_, options_).status().code(), StatusCode::kInvalidArgument);
}

TEST_F(CompareSystemsTest, ReadsAnLjSpeechFolder) {
  EXPECT_EQ(ReadEvalItems(fakes_.dir(), 1)->size(), 1u);
  EXPECT_EQ(ReadEvalItems(fakes_.dir(), -1).status().code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(ReadEvalItems(fakes_.dir() / "wavs", 0).status().code(), StatusCode::kNotFound);
  std::filesystem::remove(fakes_.dir() / "wavs" / "b.wav");
  const auto missing = ReadEvalItems(fakes_.dir(), 0);
  EXPECT_EQ(missing.status().code(), StatusCode::kNotFound);
  EXPECT_THAT(std::string(missing.status().message()), HasSubstr("b.wav"));
}

}  // namespace
}  // namespace m2tts
