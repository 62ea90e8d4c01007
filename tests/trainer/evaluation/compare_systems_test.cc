#include "trainer/evaluation/compare_systems.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "core/base/file.h"
#include "tests/trainer/corpus/fake_programs.h"
#include "trainer/evaluation/report.h"

namespace m2tts {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::vector<float> Tone() {
  std::vector<float> wave(22050);
  for (size_t i = 0; i < wave.size(); ++i) wave[i] = 0.4f * std::sin(0.05f * static_cast<float>(i));
  return wave;
}

// A corpus of two sentences, and a recognizer that hears the recordings (the first two files)
// rightly, a word too few from the first voice and a wrong one from the second.
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
      */000000.wav) echo hello there;; */000001.wav) echo good morning all;;
      */000002.wav) echo hello;; */000003.wav) echo good morning;;
      */000004.wav) echo hello there;; */000005.wav) echo good evening all;; esac)")
                                      .string() +
                                  " {wav}";
    items_ = ReadEvalItems(fakes_.dir(), 0).value();
  }

  FakePrograms fakes_;
  EvalOptions options_;
  std::vector<EvalItem> items_;
  // Two voices; the second answers in time with the recording.
  const SpeakFn tone_ = [](const std::string&, const std::vector<float>&) { return Tone(); };
  const SpeakFn echo_ = [](const std::string&, const std::vector<float>& recording) { return recording; };
  const std::vector<EvalSystem> systems_ = {{"voice", tone_}, {"copy", echo_, true}};
};

TEST_F(CompareSystemsTest, MeasuresSystemsAndRecordings) {
  std::vector<std::string> asked;
  size_t recognized = 0;
  auto systems = systems_;
  systems[0].speak = [&](const std::string& text, const std::vector<float>& recording) {
    asked.push_back(text);
    EXPECT_EQ(recording.size(), Tone().size());
    return Tone();
  };
  const auto report =
      CompareSystems(items_, systems, options_, [&](const std::string& stage, size_t done, size_t) {
        if (stage == "recognition") recognized = done;
      });
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_THAT(asked, ::testing::ElementsAre("Hello there", "Good morning, all"));
  EXPECT_EQ(recognized, 6u);
  EXPECT_TRUE(report->recognized);
  EXPECT_EQ(report->recordings.errors.errors(), 0);
  const SystemReport &voice = report->systems[0], &copy = report->systems[1];
  EXPECT_EQ(voice.errors.deletions, 2);
  EXPECT_EQ(voice.errors.words, 5);
  EXPECT_DOUBLE_EQ(voice.difference.value, 0.4);
  EXPECT_EQ(copy.errors.substitutions, 1);
  EXPECT_LT(voice.mcd_db, 0.5);  // 16-bit rounding
  EXPECT_NEAR(voice.duration_error, 0.0, 1e-9);
  EXPECT_EQ(voice.sentences[1].heard, "good morning ");
  EXPECT_FALSE(voice.stoi.has_value());
  ASSERT_TRUE(copy.stoi.has_value());
  EXPECT_NEAR(*copy.stoi, 1.0, 1e-4);
  EXPECT_FALSE(copy.mos.has_value());
}

TEST_F(CompareSystemsTest, ReportsForPeopleAndPrograms) {
  const auto report = CompareSystems(items_, systems_, options_);
  ASSERT_TRUE(report.ok()) << report.status();
  const std::string table = FormatEvalTable(*report);
  EXPECT_THAT(table, HasSubstr("natural     0.00 %       0     0     0     0"));
  EXPECT_THAT(table, HasSubstr("voice      40.00 %       2     0     2     0   +40.00 points"));
  const auto json = nlohmann::json::parse(FormatEvalJson(*report));
  EXPECT_EQ(json["sentence_count"], 2);
  EXPECT_EQ(json["name"], "voice");
  EXPECT_DOUBLE_EQ(json["wer"], 0.4);
  EXPECT_EQ(json["word_errors"]["errors"], 2);
  EXPECT_TRUE(json["mcd_db"].is_number());
  EXPECT_TRUE(json["f0_rmse_cents"].is_number());
  EXPECT_DOUBLE_EQ(json["recordings"]["wer"], 0.0);
  EXPECT_EQ(json["systems"][1]["name"], "copy");
  EXPECT_NEAR(json["systems"][1]["mos_estimate"], 5.0, 0.01);
  EXPECT_EQ(json["sentences"][0]["id"], "a");
  EXPECT_EQ(json["sentences"][1]["systems"]["copy"]["heard"], "good evening all ");
}

TEST_F(CompareSystemsTest, WithoutARecognizer) {
  options_.recognize = false;
  options_.recognizer.command = "m2tts-no-such-recognizer {wav}";
  const auto report = CompareSystems(items_, systems_, options_);
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_FALSE(report->recognized);
  EXPECT_THAT(FormatEvalTable(*report), Not(HasSubstr("WER")));
  EXPECT_FALSE(nlohmann::json::parse(FormatEvalJson(*report)).contains("wer"));
}

TEST_F(CompareSystemsTest, JsonSurvivesBytesThatAreNotUtf8) {
  options_.recognizer.command = fakes_.Install("recognizer", "printf '\\377word'").string() + " {wav}";
  const auto report = CompareSystems(items_, systems_, options_);
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_TRUE(nlohmann::json::accept(FormatEvalJson(*report)));
}

TEST_F(CompareSystemsTest, AMissingRecognizerIsSaidBeforeAnyWork) {
  options_.recognizer.command = "m2tts-no-such-recognizer {wav}";
  bool asked = false;
  const SpeakFn ask = [&](const std::string&, const std::vector<float>&) {
    asked = true;
    return Tone();
  };
  const auto report = CompareSystems(items_, {{"voice", ask}}, options_);
  EXPECT_EQ(report.status().code(), StatusCode::kNotFound);
  EXPECT_FALSE(asked);
}

TEST_F(CompareSystemsTest, ErrorsNameTheSentence) {
  const SpeakFn fail = [](const std::string&, const std::vector<float>&) -> StatusOr<std::vector<float>> {
    return Internal("no voice");
  };
  const SpeakFn nothing = [](const std::string&, const std::vector<float>&) { return std::vector<float>(); };
  const auto failing = CompareSystems(items_, {{"mute", fail}}, options_);
  EXPECT_EQ(std::string(failing.status().message()),
            "mute: " + (fakes_.dir() / "metadata.csv").string() + ":1: sentence 'a': no voice");
  const auto empty = CompareSystems(items_, {{"mute", nothing}}, options_);
  EXPECT_THAT(std::string(empty.status().message()), HasSubstr("sentence 'a': the synthesized audio"));
  EXPECT_EQ(CompareSystems({}, systems_, options_).status().code(), StatusCode::kInvalidArgument);
}

TEST_F(CompareSystemsTest, AllBadRecordingsAreToldBeforeAnythingIsSpoken) {
  const std::string whole = ReadText(fakes_.dir() / "wavs/a.wav");
  WriteText(fakes_.dir() / "wavs/a.wav", whole.substr(0, whole.size() / 2));
  bool asked = false;
  const SpeakFn ask = [&](const std::string&, const std::vector<float>&) {
    asked = true;
    return Tone();
  };
  const auto one = CompareSystems(items_, {{"voice", ask}}, options_);
  EXPECT_EQ(one.status().code(), StatusCode::kDataLoss);
  EXPECT_THAT(std::string(one.status().message()), HasSubstr("metadata.csv:1: sentence 'a': "));
  EXPECT_THAT(std::string(one.status().message()), HasSubstr("wavs/a.wav"));
  EXPECT_THAT(std::string(one.status().message()), Not(HasSubstr("\n")));

  WriteText(fakes_.dir() / "wavs/b.wav",
            EncodeAudio(std::vector<float>(22050, 0.0f), 22050, AudioEncoding::kWav).value());
  const std::string both(CompareSystems(items_, {{"voice", ask}}, options_).status().message());
  EXPECT_THAT(both, HasSubstr("metadata.csv:1: sentence 'a': "));
  EXPECT_THAT(both, HasSubstr("metadata.csv:2: sentence 'b': "));
  EXPECT_THAT(both, HasSubstr("wavs/b.wav: the recording has only 0 samples"));
  EXPECT_THAT(both, ::testing::EndsWith("\n2 of 2 recordings cannot be compared with"));
  EXPECT_FALSE(asked);

  const std::vector<EvalItem> many(25, items_[1]);
  const std::string first(CheckRecordings(many, options_.audio).message());
  EXPECT_EQ(std::count(first.begin(), first.end(), '\n'), 20);
  EXPECT_THAT(first,
              ::testing::EndsWith("25 of 25 recordings cannot be compared with; the first 20 are named"));
}

TEST_F(CompareSystemsTest, TwoSystemsOfOneNameAreRefused) {
  const auto report = CompareSystems(items_, {{"voice", tone_}, {"voice", tone_}}, options_);
  EXPECT_EQ(report.status().code(), StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(report.status().message()), HasSubstr("'voice'"));
}

// Noise, as a broken vocoder makes it, has no pitch that could be near to the recording's.
TEST_F(CompareSystemsTest, PitchThatNothingWasComparedOfIsNoFigure) {
  const SpeakFn noise = [](const std::string&, const std::vector<float>& recording) {
    std::vector<float> wave(recording.size());
    uint32_t state = 1;
    for (float& sample : wave) {
      state = state * 1664525u + 1013904223u;
      sample = static_cast<float>(state >> 8) * 0x1p-24f - 0.5f;
    }
    return wave;
  };
  options_.recognize = false;
  const auto report = CompareSystems(items_, {{"broken", noise}}, options_);
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->systems[0].pitch.voiced_pairs, 0u);
  const auto json = nlohmann::json::parse(FormatEvalJson(*report));
  EXPECT_FALSE(json.contains("f0_rmse_hz"));
  EXPECT_FALSE(json.contains("f0_rmse_cents"));
  EXPECT_DOUBLE_EQ(json["voicing_error"], report->systems[0].pitch.voicing_error());
  const std::string table = FormatEvalTable(*report);
  const std::string row = table.substr(table.find("\nbroken") + 1);
  EXPECT_THAT(row, ::testing::ContainsRegex("^broken +[0-9.]+ +[0-9.]+ +- +- +[0-9.]+ "));
}

TEST_F(CompareSystemsTest, WordsAreComparedAsTheyAreSpoken) {
  WriteText(fakes_.dir() / "metadata.csv", "a|In 1999|In 1999\nb|Good morning, all|Good morning, all\n");
  items_ = ReadEvalItems(fakes_.dir(), 0).value();
  options_.recognizer.command = fakes_
                                    .Install("recognizer", R"(case $1 in
      */000000.wav) echo 'in nineteen(2) ninety nine';; */000002.wav) echo 'in 1999';; *) echo good morning all;;
      esac)")
                                    .string() +
                                " {wav}";
  const auto written = CompareSystems(items_, {{"voice", tone_}}, options_);
  ASSERT_TRUE(written.ok()) << written.status();
  EXPECT_EQ(written->recordings.errors.errors(), 3);
  std::vector<std::string> asked;
  options_.spoken_words = [&](const std::string& text) -> StatusOr<std::string> {
    asked.push_back(text);
    if (text.find("morning") != std::string::npos) return InvalidArgument("as if it were not UTF-8");
    return std::string("in nineteen ninety nine");
  };
  const auto spoken = CompareSystems(items_, {{"voice", tone_}}, options_);
  ASSERT_TRUE(spoken.ok()) << spoken.status();
  EXPECT_EQ(spoken->recordings.errors.errors(), 0);
  EXPECT_EQ(spoken->recordings.errors.words, 7);
  EXPECT_EQ(spoken->systems[0].errors.errors(), 0);
  EXPECT_THAT(asked, ::testing::Contains(HasSubstr("in nineteen ninety nine")));  // without the "(2)"
}

TEST_F(CompareSystemsTest, ReadsAnLjSpeechFolder) {
  EXPECT_EQ(ReadEvalItems(fakes_.dir(), 1)->size(), 1u);
  EXPECT_EQ(ReadEvalItems(fakes_.dir(), -1).status().code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(ReadEvalItems(fakes_.dir() / "wavs", 0).status().code(), StatusCode::kNotFound);
  std::filesystem::remove(fakes_.dir() / "wavs" / "b.wav");
  const auto missing = ReadEvalItems(fakes_.dir(), 0);
  EXPECT_EQ(missing.status().code(), StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(missing.status().message()), HasSubstr("metadata.csv:2"));
  EXPECT_THAT(std::string(missing.status().message()), HasSubstr("b.wav"));
}

TEST_F(CompareSystemsTest, ReadsTablesAndVctkAndOneOfTheirSpeakers) {
  WriteText(fakes_.dir() / "metadata.csv",
            "speaker|file|text\nanna|wavs/a.wav|Hello there\nbert|wavs/b.wav|Good morning, all\n");
  EXPECT_EQ(ReadEvalItems(fakes_.dir(), 0)->size(), 2u);
  const auto bert = ReadEvalItems(fakes_.dir(), 0, "bert");
  ASSERT_EQ(bert->size(), 1u);
  EXPECT_EQ(bert->front().text, "Good morning, all");
  EXPECT_EQ(bert->front().speaker, "bert");
  EXPECT_THAT(bert->front().Describe(), HasSubstr("metadata.csv:3: sentence '"));
  const auto nobody = ReadEvalItems(fakes_.dir(), 0, "carl");
  EXPECT_EQ(nobody.status().code(), StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(nobody.status().message()), HasSubstr("'anna', 'bert'"));
  ASSERT_TRUE(WriteFileAtomic(fakes_.dir() / "vctk/txt/p225/p225_001.txt", "Please call Stella.\n").ok());
  ASSERT_TRUE(WriteFileAtomic(fakes_.dir() / "vctk/wav48/p225/p225_001.wav", "x").ok());
  const auto stella = ReadEvalItems(fakes_.dir() / "vctk", 0, "p225");
  ASSERT_TRUE(stella.ok()) << stella.status();
  EXPECT_EQ(stella->front().recording, fakes_.dir() / "vctk/wav48/p225/p225_001.wav");
}

TEST_F(CompareSystemsTest, ANegativeLimitIsRefused) {
  EXPECT_EQ(ReadEvalItems(fakes_.dir(), -1).status(), InvalidArgument("limit: -1 is negative"));
}

}  // namespace
}  // namespace m2tts
