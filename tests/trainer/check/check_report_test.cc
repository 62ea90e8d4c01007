#include "trainer/check/check_report.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>
#include <set>

#include "tests/trainer/check/check_corpus_fixture.h"

namespace m2tts {
namespace {

using testing::HasSubstr;
using testing::Not;

class CheckReportTest : public CheckCorpusFixture {};

TEST_F(CheckReportTest, EveryKindHasItsOwnKey) {
  std::set<std::string> keys;
  for (int k = 0; k < kFindingKinds; ++k) keys.insert(Describe(static_cast<FindingKind>(k)).key);
  EXPECT_EQ(keys.size(), static_cast<size_t>(kFindingKinds));
  EXPECT_TRUE(Describe(FindingKind::kSameAudioOtherText).problem);
  EXPECT_FALSE(Describe(FindingKind::kShort).problem);
  EXPECT_STREQ(Describe(FindingKind::kSameText).key, "same_text");
}

TEST_F(CheckReportTest, TextShowsAFewOfManyAndCountsTheRest) {
  PutGoodClips();
  for (int i = 0; i < 7; ++i) metadata_ += fmt::format("missing{}|text\n", i);
  const std::string text = FormatCheckText(Check(), 3);
  EXPECT_THAT(text, HasSubstr("missing2"));
  EXPECT_THAT(text, Not(HasSubstr("missing3")));
  EXPECT_THAT(text, HasSubstr("and 4 more"));
  EXPECT_THAT(text, HasSubstr("Problems: 7, notes: 0"));
  EXPECT_THAT(text, HasSubstr("16000 Hz mono: 12 clips"));
  EXPECT_THAT(text, HasSubstr("2 to 3"));
}

TEST_F(CheckReportTest, TextCannotSteerATerminal) {
  PutGoodClips();
  Put("odd", "A \x1b[2J zorblatt \xC2\x9b here, and \xE2\x80\x94 more.",
      Speech("A sort of text here, and more.", 50));
  metadata_ += "\x1b]0;x\a|text\n";
  const std::string text = FormatCheckText(Check(), 10);
  EXPECT_EQ(text.find_first_of("\x1b\a\r"), std::string::npos);
  EXPECT_EQ(text.find("\xC2\x9b"), std::string::npos);
  EXPECT_THAT(text, HasSubstr("zorblatt"));
  EXPECT_THAT(text, HasSubstr("\xE2\x80\x94"));
}

TEST_F(CheckReportTest, JsonHoldsEveryFinding) {
  PutGoodClips();
  for (int i = 0; i < 30; ++i) metadata_ += fmt::format("missing{}|text\n", i);
  metadata_ += "\xff|x\n";
  Put("silent", "The zorblatt is silent.", std::vector<float>(kRate));
  const auto json = nlohmann::json::parse(FormatCheckJson(Check()));
  EXPECT_EQ(json["problems"], 32);
  EXPECT_EQ(json["counts"]["bad_row"], 31);
  EXPECT_EQ(json["counts"]["clipping"], 0);
  ASSERT_EQ(json["findings"].size(), 32u);
  EXPECT_EQ(json["findings"][31]["kind"], "silent");
  EXPECT_EQ(json["findings"][31]["id"], "silent");
  EXPECT_EQ(json["findings"][31]["problem"], true);
  EXPECT_THAT(json["findings"][31]["where"].get<std::string>(), HasSubstr("metadata.csv:44"));
  EXPECT_EQ(json["formats"][0]["sample_rate"], kRate);
  EXPECT_EQ(json["formats"][0]["clips"], 13);
  EXPECT_EQ(json["guesses"][0]["word"], "zorblatt");
  EXPECT_EQ(json["speakers"][0]["clips"], 13);
  EXPECT_NEAR(json["phonemes_per_second"]["median"].get<double>(), 12.0, 0.1);
}

TEST_F(CheckReportTest, AReportWithoutClipsHasNoFigures) {
  metadata_ = "a|b|c|d\n";
  const auto json = nlohmann::json::parse(FormatCheckJson(Check()));
  EXPECT_TRUE(json["level_dbfs"].is_null());
  EXPECT_EQ(json["clips"], 0);
}

}  // namespace
}  // namespace m2tts
