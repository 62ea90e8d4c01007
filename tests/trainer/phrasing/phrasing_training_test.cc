#include "trainer/phrasing/phrasing_training.h"

#include <gmock/gmock.h>

#include "core/text/phrasing/phrase_model.h"
#include "tests/trainer/phrasing/tiny_phrases.h"
#include "trainer/phrasing/phrasing_evaluation.h"

namespace m2tts {
namespace {

using ::testing::ElementsAre;

std::unique_ptr<const PhraseModel> Tiny() {
  return PhraseModel::Parse(TinyPhraseModel(), "tiny").value();
}

TEST(PhrasingTrainingTest, LearnsTheTinyLanguage) {
  const PhrasingScore score = ScorePhrasing(*Tiny(), TinySentences());
  EXPECT_EQ(score.words, 43u);
  EXPECT_EQ(score.right_tags, score.words);
  EXPECT_EQ(score.breaks, 4u);
  EXPECT_EQ(score.found, 4u);
  EXPECT_EQ(score.wrong, 0u);
  EXPECT_EQ(score.F1(), 1.0);
}

TEST(PhrasingTrainingTest, SpeaksOfNewSentencesToo) {
  const auto model = Tiny();
  // "saw" is a verb here and a noun there; "fox" is unknown.
  const std::vector<std::string_view> tokens = {"the", "fox", "saw", "a", "saw", "by", "a", "river", ""};
  std::vector<std::string_view> tags;
  for (const uint8_t tag : model->Tag(tokens)) tags.push_back(model->TagName(tag));
  EXPECT_THAT(tags, ElementsAre("dt", "nn", "vbd", "dt", "nn", "in", "dt", "nn", "punc"));
  EXPECT_THAT(model->Breaks({{"the"}, {"fox"}, {"saw"}, {"a"}, {"saw"}, {"by"}, {"a"}, {"river"}}),
              ElementsAre(false, false, false, false, true, false, false, true));
}

TEST(PhrasingTrainingTest, NeverBreaksInsideAPossessiveAndAlwaysAtPauses) {
  const auto model = Tiny();
  const PhraseTokens tokens = TokenizeForPhrasing({{"the"}, {"man's", true}, {"cat"}});
  EXPECT_THAT(tokens.text, ElementsAre("the", "man", "'s", "", "cat", ""));
  EXPECT_THAT(tokens.last_of_word, ElementsAre(0, 2, 4));
  EXPECT_THAT(model->Breaks({{"the"}, {"man's", true}, {"cat"}}), ElementsAre(false, true, true));
  EXPECT_TRUE(model->Breaks({}).empty());
  EXPECT_THAT(model->Breaks({{"'s"}}), ElementsAre(true));
  EXPECT_THAT(model->Breaks({{""}, {"\xff\xfe"}}).size(), 2u);
}

TEST(PhrasingTrainingTest, GivesTheSameBytesAgain) {
  EXPECT_EQ(TrainPhrasing(TinySentences(), {}, nullptr).value(), TinyPhraseModel());
}

TEST(PhrasingTrainingTest, LongTextsTakeLinearTimeAndKeepTheirBreaks) {
  const auto model = Tiny();
  std::vector<PhraseWord> words;
  for (int i = 0; i < 20000; ++i) {
    for (const char* word : {"the", "dog", "saw", "a", "cat", "in", "the", "garden"}) words.push_back({word});
  }
  const std::vector<bool> breaks = model->Breaks(words);
  ASSERT_EQ(breaks.size(), words.size());
  EXPECT_TRUE(breaks[4]);
  EXPECT_EQ(breaks[8 * 1000 + 4], breaks[8 * 19000 + 4]);
}

TEST(PhrasingTrainingTest, NoSentencesAreAnError) {
  EXPECT_EQ(TrainPhrasing({}, {}, nullptr).status().code(), StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace m2tts
