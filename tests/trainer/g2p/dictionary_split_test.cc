#include "trainer/g2p/dictionary_split.h"

#include "tests/trainer/g2p/g2p_test_util.h"

namespace m2tts {
namespace {

TEST(DictionarySplitTest, IsFixedForever) {
  // FNV-1a 64 of "a" is 0xaf63dc4c8601ec8c, of "foobar" 0x85944171f73967e8 (the function's published
  // vectors).
  EXPECT_EQ(0xaf63dc4c8601ec8cu % 20, 16u);
  EXPECT_EQ(PartOf("a"), SplitPart::kTrain);
  EXPECT_EQ(0x85944171f73967e8u % 20, 8u);
  EXPECT_EQ(PartOf("foobar"), SplitPart::kTrain);
  EXPECT_EQ(PartOf("aimetti"), SplitPart::kTest);
  EXPECT_EQ(PartOf("alessio"), SplitPart::kDevelopment);
}

TEST(DictionarySplitTest, PartsAreDisjointAndOfTheRightSize) {
  std::vector<DictionaryEntry> entries;
  for (int i = 0; i < 20000; ++i) {
    std::string word;
    for (int n = i + 1; n > 0; n /= 26) word.push_back(static_cast<char>('a' + n % 26));
    entries.push_back({word, {ParseArpabet("B").value()}});
  }
  const DictionarySplit split = SplitDictionary(entries);
  EXPECT_EQ(split.train.size() + split.development.size() + split.test.size(), entries.size());
  EXPECT_NEAR(static_cast<double>(split.test.size()), 1000, 150);
  EXPECT_NEAR(static_cast<double>(split.development.size()), 1000, 150);
  for (const DictionaryEntry& entry : split.development)
    EXPECT_EQ(PartOf(entry.word), SplitPart::kDevelopment);
}

TEST(DictionarySplitTest, LeavesOutWhatTheModelDoesNotRead) {
  const Pronunciation p = ParseArpabet("B").value();
  const DictionarySplit split =
      SplitDictionary({{"a.m.", {p}}, {"x-ray", {p}}, {"b2b", {p}}, {"'", {p}}, {"caf\xc3\xa9", {p}}});
  EXPECT_EQ(split.train.size() + split.development.size() + split.test.size(), 0u);
  const DictionarySplit kept = SplitDictionary({{"o'brien", {p}}, {"'em", {p}}});
  EXPECT_EQ(kept.train.size() + kept.development.size() + kept.test.size(), 2u);
}

}  // namespace
}  // namespace m2tts
