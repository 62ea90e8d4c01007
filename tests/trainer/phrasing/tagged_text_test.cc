#include "trainer/phrasing/tagged_text.h"

#include <gmock/gmock.h>

#include "tests/trainer/phrasing/tiny_phrases.h"

namespace m2tts {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(TaggedTextTest, TellsPausesOfPunctuationFromOthers) {
  const auto sentences = ParseTaggedText("so/rb , he/prp said/vbd | at/in last/jj\r\n", "a.txt");
  ASSERT_TRUE(sentences.ok()) << sentences.status();
  ASSERT_EQ(sentences->size(), 1u);
  const TaggedSentence& sentence = sentences->front();
  EXPECT_THAT(TokensOf(sentence), ElementsAre("so", "", "he", "said", "at", "last", ""));
  std::vector<bool> breaks;
  for (const TaggedToken& token : sentence) breaks.push_back(token.break_after);
  EXPECT_THAT(breaks, ElementsAre(false, true, false, true, false, false, true));
  EXPECT_EQ(sentence[3].tag, "vbd");
  EXPECT_EQ(sentence[1].tag, kPauseTag);
}

TEST(TaggedTextTest, PassesOverCommentsAndBlankLines) {
  EXPECT_EQ(TinySentences().size(), 6u);
  const auto empty = ParseTaggedText("\n# only/nn this/dt\n \n", "a.txt");
  ASSERT_TRUE(empty.ok());
  EXPECT_TRUE(empty->empty());
}

TEST(TaggedTextTest, AWordMayContainASlash) {
  const auto sentences = ParseTaggedText("and/or/cc", "a.txt");
  ASSERT_TRUE(sentences.ok()) << sentences.status();
  EXPECT_EQ(sentences->front()[0].text, "and/or");
}

TEST(TaggedTextTest, NamesTheLineOfWhatIsWrong) {
  const struct {
    const char* text;
    const char* message;
  } kCases[] = {
      {"a/dt\nword\n", "a.txt:2: 'word' is no word/tag"},
      {"/dt", "'/dt' is no word/tag"},
      {"a/", "'a/' is no word/tag"},
      {"a/dt\n\n| b/nn", "a.txt:3: '|' before the first word"},
      {", b/nn", "',' before the first word"},
      {"a/dt | | b/nn", "'|' after another pause"},
      {"a/dt | , b/nn", "',' after another pause"},
      {"a/determiner", "at most 8 letters"},
      {"a/punc", "is not 'punc'"},
      {"-tion/nn", "does not begin with '-'"},
  };
  for (const auto& c : kCases) {
    const auto sentences = ParseTaggedText(c.text, "a.txt");
    EXPECT_EQ(sentences.status().code(), StatusCode::kInvalidArgument) << c.text;
    EXPECT_THAT(std::string(sentences.status().message()), HasSubstr(c.message));
  }
  EXPECT_EQ(ParseTaggedText(std::string(256, 'x') + "/nn", "a.txt").status().code(),
            StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace m2tts
