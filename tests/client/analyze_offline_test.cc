// `m2tts analyze --offline`: the front end in the client, one output line per input line.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/client/cli_runner.h"

namespace m2tts::testing {
namespace {

using ::testing::HasSubstr;

TEST(AnalyzeOfflineTest, OneLineOfWordsPerLine) {
  const auto result = RunM2tts({"analyze", "--offline", "--stage", "normalized"},
                               "Dr. Smith paid $5. He left!\n\n...\r\nIt is 5 km");
  EXPECT_EQ(result.code, kExitOk) << result.err;
  EXPECT_EQ(result.out, "doctor smith paid five dollars he left\n\n\nit is five kilometers\n");
  EXPECT_EQ(result.err, "");
}

TEST(AnalyzeOfflineTest, OneLineOfPhonemesPerLine) {
  const auto result =
      RunM2tts({"analyze", "--offline", "--stage", "phonemes"}, "Hello, world. Yes!\n \nthe end\n");
  EXPECT_EQ(result.code, kExitOk) << result.err;
  EXPECT_EQ(result.out, "HH AH0 L OW1 | W ER1 L D | Y EH1 S\n\nDH IY0 | EH1 N D\n");
}

TEST(AnalyzeOfflineTest, FullIsOneJsonObjectPerLine) {
  const auto result = RunM2tts({"analyze", "--offline", "--stage", "full", "$5"});
  EXPECT_EQ(result.code, kExitOk) << result.err;
  const auto json = nlohmann::json::parse(result.out);
  EXPECT_EQ(json["sentences"][0]["words"][1]["text"], "dollars");
  EXPECT_EQ(json["sentences"][0]["words"][1]["class"], "money");
  EXPECT_EQ(json["sentences"][0]["words"][1]["source"], nlohmann::json::array({0, 2}));
}

TEST(AnalyzeOfflineTest, WarningsNameTheirLineOnStandardError) {
  const auto result = RunM2tts({"analyze", "--offline", "--stage", "normalized"}, "fine\nMy zorblatt\n😀\n");
  EXPECT_EQ(result.code, kExitOk);
  EXPECT_EQ(result.out, "fine\nmy zorblatt\n\n");
  EXPECT_THAT(result.err, HasSubstr("line 2: warning: bytes 3 to 11: 'zorblatt'"));
  EXPECT_THAT(result.err, HasSubstr("line 3: warning: bytes 0 to 4"));
}

TEST(AnalyzeOfflineTest, ABadLineIsEmptyAndTold) {
  const auto result = RunM2tts({"analyze", "--offline", "--stage", "normalized"}, "one\nb\xff\nthree\n");
  EXPECT_EQ(result.code, kExitRefused);
  EXPECT_EQ(result.out, "one\n\nthree\n");
  EXPECT_THAT(result.err, HasSubstr("line 2: text: invalid UTF-8 at byte 1"));
}

TEST(AnalyzeOfflineTest, TheReportShowsWhereEverythingCameFrom) {
  const auto result = RunM2tts({"analyze", "--offline", "Dr. Zorblatt"});
  EXPECT_EQ(result.code, kExitOk);
  EXPECT_THAT(result.out, HasSubstr("0-3   Dr.       abbreviation  doctor"));
  EXPECT_THAT(result.out, HasSubstr("4-12  Zorblatt  word"));
  EXPECT_THAT(result.out, HasSubstr("model"));
}

TEST(AnalyzeOfflineTest, WrongUseIsExplained) {
  EXPECT_EQ(RunM2tts({"analyze", "--offline", "--stage", "sound", "x"}).code, kExitUsage);
  EXPECT_EQ(RunM2tts({"analyze", "--offline", "--voice", "v", "x"}).code, kExitUsage);
  EXPECT_EQ(RunM2tts({"analyze", "--lexicon-file", "f", "x"}).code, kExitUsage);
  const auto missing = RunM2tts({"analyze", "--offline", "--lexicon-file", "/nonexistent.lex", "x"});
  EXPECT_EQ(missing.code, kExitNoInput);
  EXPECT_THAT(missing.err, HasSubstr("/nonexistent.lex"));
  EXPECT_EQ(RunM2tts({"analyze", "--offline", "--stage", "full", "-f", "/nonexistent.txt"}).code,
            kExitNoInput);
}

}  // namespace
}  // namespace m2tts::testing
