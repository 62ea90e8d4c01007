#include "trainer/evaluation/word_errors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace m2tts {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

WordErrors Count(const char* reference, const char* hypothesis) {
  return CountWordErrors(NormalizeWords(reference), NormalizeWords(hypothesis));
}

TEST(NormalizeWordsTest, CaseAndPunctuation) {
  EXPECT_THAT(NormalizeWords("Hello, World! (Yes.)"), ElementsAre("hello", "world", "yes"));
  EXPECT_THAT(NormalizeWords("non-parasitic -- well"), ElementsAre("non", "parasitic", "well"));
  EXPECT_THAT(NormalizeWords("don't 'quote' o'clock dogs'"),
              ElementsAre("don't", "quote", "o'clock", "dogs"));
  EXPECT_THAT(NormalizeWords("u.s. A.B.C. end."), ElementsAre("us", "abc", "end"));
  EXPECT_THAT(NormalizeWords("read(2) the(3) (2)"), ElementsAre("read", "the", "2"));
  EXPECT_THAT(NormalizeWords("caf\xc3\xa9\n"), ElementsAre("caf\xc3\xa9"));
  EXPECT_THAT(NormalizeWords(" ' -- ... \t"), IsEmpty());
}

TEST(WithoutAlternativesTest, LeavesTheRest) {
  EXPECT_EQ(WithoutAlternatives("read(2) the(3) u.(2) (2) a(b) a(12) a(2"), "read the u. (2) a(b) a(12) a(2");
}

TEST(WordErrorsTest, CountsEachKind) {
  const WordErrors same = Count("the cat sat", "The cat sat.");
  EXPECT_EQ(same.errors(), 0);
  EXPECT_EQ(same.words, 3);

  const WordErrors mixed = Count("a b c d e", "a x c e f");  // b -> x, d lost, f added
  EXPECT_EQ(mixed.errors(), 3);
  EXPECT_EQ(mixed.substitutions + mixed.deletions + mixed.insertions, 3);
  EXPECT_DOUBLE_EQ(mixed.rate(), 0.6);

  EXPECT_EQ(Count("a b c", "a c").deletions, 1);
  EXPECT_EQ(Count("a c", "a b c").insertions, 1);
  EXPECT_EQ(Count("a b c", "a x c").substitutions, 1);
}

TEST(WordErrorsTest, EmptySides) {
  EXPECT_EQ(Count("a b", "").deletions, 2);
  EXPECT_DOUBLE_EQ(Count("a b", "").rate(), 1.0);
  EXPECT_EQ(Count("", "a b c").insertions, 3);
  EXPECT_DOUBLE_EQ(Count("", "a").rate(), 0.0);
  EXPECT_EQ(Count("", "").errors(), 0);
}

TEST(WordErrorsTest, AddsUp) {
  WordErrors sum = Count("a b", "a x");
  sum += Count("a b c", "a b c d");
  EXPECT_EQ(sum.errors(), 2);
  EXPECT_EQ(sum.words, 5);
  EXPECT_DOUBLE_EQ(sum.rate(), 0.4);
}

}  // namespace
}  // namespace m2tts
