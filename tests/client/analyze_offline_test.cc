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

// As a shell passes them: a word each.
TEST(AnalyzeOfflineTest, BracketsOfAnArgumentAreText) {
  const auto say = [](const std::vector<std::string>& words, const std::string& stage = "phonemes") {
    std::vector<std::string> command = {"analyze", "--offline", "--stage", stage};
    command.insert(command.end(), words.begin(), words.end());
    const auto result = RunM2tts(command);
    EXPECT_EQ(result.code, kExitOk) << result.err;
    return result.out;
  };
  EXPECT_EQ(say({"[[HH AH0 L OW1]]"}), "HH AH0 L OW1\n");
  EXPECT_EQ(say({"--", "[[HH AH0 L OW1]]", "you"}), "HH AH0 L OW1 | Y UW1\n");
  EXPECT_EQ(say({"[one, two]", "three"}, "normalized"), "one two three\n");
  EXPECT_EQ(RunM2tts({"analyze", "--offline", "--stage", "normalized", "[]"}, "what nobody asked for").out,
            "\n");
}

TEST(AnalyzeOfflineTest, OutputThatFindsNoRoomIsAFailure) {
  for (const std::vector<std::string>& command : {std::vector<std::string>{"analyze", "--offline", "Hello."},
                                                  std::vector<std::string>{"completion", "bash"}}) {
    std::istringstream in;
    std::ostringstream out, err;
    out.setstate(std::ios::badbit);
    EXPECT_EQ(RunCli(command, {&in, &out, &err}), kExitOutput) << command[0];
    EXPECT_THAT(err.str(), HasSubstr("standard output"));
  }
}

TEST(AnalyzeOfflineTest, AFolderIsNoInput) {
  const TempDir folder;
  const auto result = RunM2tts({"analyze", "--offline", "--stage", "normalized", "-f", folder / ""});
  EXPECT_EQ(result.code, kExitNoInput);
  EXPECT_THAT(result.err, HasSubstr("cannot read"));
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

// All words of a substitution stand for the same piece of the text, which may be long.
TEST(AnalyzeOfflineTest, TheReportQuotesTheBeginningOfALongPiece) {
  std::string alias;
  for (int i = 0; i < 2000; ++i) alias += "wind ";
  const auto result =
      RunM2tts({"analyze", "--offline", "--ssml", "<speak><sub alias='" + alias + "'>x</sub></speak>"});
  EXPECT_EQ(result.code, kExitOk) << result.err;
  EXPECT_LT(result.out.size(), 100 * alias.size());
  EXPECT_THAT(result.out, HasSubstr("<sub alias='wind wind wind wind wind win..."));
}

TEST(AnalyzeOfflineTest, MarkupIsReadInEveryLine) {
  const auto ssml = RunM2tts({"analyze", "--offline", "--stage", "normalized", "--ssml"},
                             "<speak>I <sub alias='love'>heart</sub> it</speak>\n<speak>\n");
  EXPECT_EQ(ssml.code, kExitRefused);
  EXPECT_EQ(ssml.out, "i love it\n\n");
  EXPECT_THAT(ssml.err, HasSubstr("line 2: SSML line 1 column"));
  const std::string brackets = "say [[ HH AH0 | L OW1 ]]";
  EXPECT_EQ(RunM2tts({"analyze", "--offline", "--stage", "phonemes"}, brackets).out,
            "S EY1 | HH AH0 | L OW1\n");
  EXPECT_NE(RunM2tts({"analyze", "--offline", "--stage", "phonemes", "--no-inline-phonemes"}, brackets).out,
            "S EY1 | HH AH0 | L OW1\n");
}

TEST(AnalyzeOfflineTest, FullTellsWhatMarkupAsksFor) {
  const auto result = RunM2tts({"analyze", "--offline", "--stage", "full", "--ssml",
                                "<speak>a<break time='2s'/><prosody rate='slow'><mark "
                                "name='m'/>hello</prosody></speak>"});
  EXPECT_EQ(result.code, kExitOk) << result.err;
  const auto json = nlohmann::json::parse(result.out);
  EXPECT_EQ(json["sentences"][0]["pause_after_seconds"], 2.0);
  EXPECT_FALSE(json["sentences"][0].contains("prosody"));
  EXPECT_EQ(json["sentences"][1]["prosody"]["rate"], 0.75);
  EXPECT_EQ(json["sentences"][1]["marks"][0]["name"], "m");
  EXPECT_EQ(json["sentences"][1]["marks"][0]["before_word"], 0);
  EXPECT_EQ(json["sentences"][1]["words"][0]["ipa"], "həˈloʊ");
}

TEST(AnalyzeOfflineTest, LexiconOfOnesOwn) {
  const TempDir dir;
  WriteAll(dir / "words.txt", "zorb Z AO1 R B\nkubectl = cube control\n");
  const auto result = RunM2tts(
      {"analyze", "--offline", "--stage", "phonemes", "--lexicon", dir / "words.txt"}, "Zorb\nkubectl\n");
  EXPECT_EQ(result.out, "Z AO1 R B\nK Y UW1 B K AH0 N T R OW1 L\n");
  EXPECT_EQ(result.err, "");
  EXPECT_THAT(RunM2tts({"analyze", "--offline", "--lexicon", dir / "words.txt", "zorb"}).out,
              HasSubstr("Z AO1 R B  user"));
  WriteAll(dir / "bad.txt", "zorb\nx QQ\n");
  const auto bad = RunM2tts({"analyze", "--offline", "--lexicon", dir / "bad.txt", "x"});
  EXPECT_EQ(bad.code, kExitRefused);
  EXPECT_THAT(bad.err, HasSubstr("lexicon:1: 'zorb' lacks its phonemes"));
  EXPECT_THAT(bad.err, HasSubstr("lexicon:2: unknown phoneme 'QQ'"));
  EXPECT_EQ(RunM2tts({"analyze", "--offline", "--lexicon", dir / "missing", "x"}).code, kExitNoInput);
}

TEST(AnalyzeOfflineTest, StyleIsOnesOwn) {
  const auto say = [](std::vector<std::string> flags, const std::string& text) {
    flags.insert(flags.begin(), {"analyze", "--offline", "--stage", "normalized"});
    return RunM2tts(flags, text).out;
  };
  EXPECT_EQ(say({}, "105 on 10/6/2012"), "one hundred five on october sixth twenty twelve\n");
  EXPECT_EQ(say({"--say-and"}, "105"), "one hundred and five\n");
  EXPECT_NE(say({"--date-order", "day-first"}, "10/6/2012"),
            say({"--date-order", "month-first"}, "10/6/2012"));
  EXPECT_EQ(RunM2tts({"analyze", "--offline", "--digits", "threes", "x"}).code, kExitUsage);
}

TEST(AnalyzeOfflineTest, TellsWherePausesAre) {
  const auto pauses = [](std::vector<std::string> flags) {
    flags.insert(flags.begin(), {"analyze", "--offline", "--stage", "full"});
    flags.push_back("At night, the man who lives in the old house at the end of the street sings.");
    std::string words;
    const auto json = nlohmann::json::parse(RunM2tts(flags).out);
    for (const auto& word : json["sentences"][0]["words"]) {
      if (word.value("pause_after", false)) words += word["text"].get<std::string>() + " ";
    }
    return words;
  };
  EXPECT_EQ(pauses({}), "night sings ");
  EXPECT_EQ(pauses({"--phrase-breaks"}), "night house sings ");
}

TEST(AnalyzeOfflineTest, WrongUseIsExplained) {
  EXPECT_EQ(RunM2tts({"analyze", "--offline", "--stage", "sound", "x"}).code, kExitUsage);
  EXPECT_EQ(RunM2tts({"analyze", "--offline", "--voice", "v", "x"}).code, kExitUsage);
  EXPECT_EQ(RunM2tts({"analyze", "--compiled-lexicon", "f", "x"}).code, kExitUsage);
  const auto missing = RunM2tts({"analyze", "--offline", "--compiled-lexicon", "/nonexistent.lex", "x"});
  EXPECT_EQ(missing.code, kExitNoInput);
  EXPECT_THAT(missing.err, HasSubstr("/nonexistent.lex"));
  EXPECT_EQ(RunM2tts({"analyze", "--offline", "--stage", "full", "-f", "/nonexistent.txt"}).code,
            kExitNoInput);
}

}  // namespace
}  // namespace m2tts::testing
