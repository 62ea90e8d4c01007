#include "trainer/corpus/sentence_list.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace m2tts {
namespace {

using ::testing::HasSubstr;

std::string ErrorOf(const std::string& content) {
  const auto list = ParseSentenceList(content, "list.csv");
  EXPECT_EQ(list.status().code(), StatusCode::kInvalidArgument) << content;
  return std::string(list.status().message());
}

TEST(SentenceListTest, ReadsTwoAndThreeColumns) {
  const auto list = ParseSentenceList("a-1|Hello, \"world\"!\r\n\nb_2|No 5|Number five", "list.csv");
  ASSERT_TRUE(list.ok()) << list.status();
  ASSERT_EQ(list->size(), 2u);
  EXPECT_EQ((*list)[0].id, "a-1");
  EXPECT_EQ((*list)[0].text, "Hello, \"world\"!");
  EXPECT_EQ((*list)[1].text, "Number five");
}

TEST(SentenceListTest, NamesTheLineOfEachMistake) {
  EXPECT_EQ(ErrorOf("a|One\nno bar here\n"), "list.csv: line 2: expected 'id|text', found no '|'");
  EXPECT_THAT(ErrorOf("a|One\n\n../x|Two\n"), HasSubstr("line 3: bad id '../x'"));
  EXPECT_THAT(ErrorOf("|One\n"), HasSubstr("line 1: bad id ''"));
  EXPECT_THAT(ErrorOf("a|One\nb|  \n"), HasSubstr("line 2: 'b' has no text"));
  EXPECT_THAT(ErrorOf("a|1|2|3\n"), HasSubstr("line 1: more than three columns"));
  EXPECT_THAT(ErrorOf("a|One\nb|Two\na|Three\n"), HasSubstr("line 3: id 'a' was already used in line 1"));
  EXPECT_THAT(ErrorOf("a|tab\there\n"), HasSubstr("line 1: byte 0x09 in column 6"));
  EXPECT_THAT(ErrorOf(std::string("a|nul\0x\n", 8)), HasSubstr("byte 0x00"));
  EXPECT_THAT(ErrorOf("a|" + std::string(1001, 'x') + "\n"), HasSubstr("1001 characters"));
  EXPECT_THAT(ErrorOf(std::string(65, 'i') + "|x\n"), HasSubstr("bad id"));
  EXPECT_THAT(ErrorOf(""), HasSubstr("no sentences"));
  EXPECT_THAT(ErrorOf("\n\n"), HasSubstr("no sentences"));
}

TEST(SentenceListTest, NonAsciiOnlyWhereAllowed) {
  const std::string content = "a|caf\xc3\xa9\n";
  EXPECT_THAT(ErrorOf(content), HasSubstr("byte 0xc3 in column 6"));
  const auto list = ParseSentenceList(content, "list.csv", SentenceCharset::kAny);
  ASSERT_TRUE(list.ok()) << list.status();
  EXPECT_EQ((*list)[0].text, "caf\xc3\xa9");
}

TEST(SentenceListTest, MissingFileIsNotFound) {
  EXPECT_EQ(ReadSentenceList("/nonexistent/list.csv").status().code(), StatusCode::kNotFound);
}

// The recipe's lists are good, and what is tested on is never trained on.
TEST(SentenceListTest, RecipeListsAreDisjoint) {
  const std::filesystem::path recipe = std::filesystem::path(M2TTS_SOURCE_DIR) / "trainer/recipes/en_US-slt";
  const auto train = ReadSentenceList(recipe / "sentences.csv");
  const auto test = ReadSentenceList(recipe / "test_sentences.csv");
  ASSERT_TRUE(train.ok()) << train.status();
  ASSERT_TRUE(test.ok()) << test.status();
  EXPECT_GT(train->size(), 3000u);
  EXPECT_EQ(test->size(), 200u);
  std::set<std::string> seen;
  for (const ListedSentence& sentence : *train) seen.insert({sentence.id, sentence.text});
  for (const char* more : {"more_sentences.csv", "rest_sentences.csv"}) {
    const auto list = ReadSentenceList(recipe / more);
    ASSERT_TRUE(list.ok()) << list.status();
    EXPECT_GE(list->size(), 6000u);
    for (const ListedSentence& sentence : *list) seen.insert({sentence.id, sentence.text});
  }
  for (const ListedSentence& sentence : *test) {
    EXPECT_EQ(seen.count(sentence.id), 0u) << sentence.id;
    EXPECT_EQ(seen.count(sentence.text), 0u) << sentence.text;
  }
}

}  // namespace
}  // namespace m2tts
