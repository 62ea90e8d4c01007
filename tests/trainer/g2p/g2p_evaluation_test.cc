#include "trainer/g2p/g2p_evaluation.h"

#include "tests/trainer/g2p/g2p_test_util.h"

namespace m2tts {
namespace {

G2pScore ScoreOne(const std::vector<const char*>& variants, const char* guess) {
  DictionaryEntry entry{"word", {}};
  for (const char* variant : variants) entry.variants.push_back(ParseArpabet(variant).value());
  return ScoreG2p({entry}, [&](std::string_view) {
    return *guess == '\0' ? Pronunciation() : ParseArpabet(guess).value();
  });
}

TEST(G2pEvaluationTest, StressAndReductionsAreIgnoredOrNot) {
  const G2pScore score = ScoreOne({"AH0 B AW1 T ER0"}, "AH1 B AW2 T ER1");
  EXPECT_EQ(score.wrong_words, 0u);
  EXPECT_EQ(score.edits, 0u);
  EXPECT_EQ(score.wrong_words_stress, 1u);
  EXPECT_EQ(score.edits_stress, 3u);
  EXPECT_EQ(score.phonemes, 5u);
}

TEST(G2pEvaluationTest, AnyVariantIsRightAndTheNearestCounts) {
  EXPECT_EQ(ScoreOne({"T AH0 M EY1 T OW2", "T AH0 M AA1 T OW2"}, "T AH0 M AA1 T OW2").wrong_words, 0u);
  const G2pScore score = ScoreOne({"B AE1 T S", "B AE1 D"}, "B AE1 T");
  EXPECT_EQ(score.wrong_words, 1u);
  EXPECT_EQ(score.edits, 1u);
  EXPECT_EQ(score.phonemes, 4u);  // of the first of the nearest
}

TEST(G2pEvaluationTest, CountsInsertionsDeletionsAndSubstitutions) {
  EXPECT_EQ(ScoreOne({"K AE1 T"}, "").edits, 3u);
  EXPECT_EQ(ScoreOne({"K AE1 T"}, "S K AE1 T S").edits, 2u);
  EXPECT_EQ(ScoreOne({"K AE1 T"}, "G AE1 D").edits, 2u);
}

}  // namespace
}  // namespace m2tts
