#include "core/text/fold.h"

#include <gtest/gtest.h>

namespace m2tts {
namespace {

std::string FoldText(const std::string& text, std::vector<TextWarning>* warnings) {
  const FoldedText folded = Fold(text, 0, warnings);
  EXPECT_EQ(folded.text.size(), folded.source.size());
  return folded.text;
}

TEST(FoldTest, FoldsPunctuationLigaturesAndDiacritics) {
  std::vector<TextWarning> warnings;
  EXPECT_EQ(FoldText("“it’s” naïve Ａ１ ﬁ ß æ", &warnings), "\"it's\" naive A1 fi ss ae");
  EXPECT_EQ(FoldText("a\u00a0b\u2009c", &warnings), "a b c");
  EXPECT_EQ(FoldText("soft\u00adhyphen e\u0301", &warnings), "softhyphen e");
  EXPECT_EQ(FoldText("5½", &warnings), "5 1/2");
  EXPECT_TRUE(warnings.empty());
}

TEST(FoldTest, WarnsOncePerRunWithItsRange) {
  std::vector<TextWarning> warnings;
  FoldText("ab 中文 字 cd 😀", &warnings);
  ASSERT_EQ(warnings.size(), 2u);
  EXPECT_EQ(warnings[0].kind, TextWarning::Kind::kUnsupportedScript);
  EXPECT_EQ(warnings[0].range.begin, 3u);
  EXPECT_EQ(warnings[0].range.end, 13u);
  EXPECT_EQ(warnings[1].kind, TextWarning::Kind::kSkippedCharacter);
  EXPECT_EQ(warnings[1].range.begin, 17u);
  EXPECT_EQ(warnings[1].range.end, 21u);
}

TEST(FoldTest, ReportsControlCharacters) {
  std::vector<TextWarning> warnings;
  EXPECT_EQ(FoldText("a\x01"
                     "b\tc",
                     &warnings),
            "a b c");
  ASSERT_EQ(warnings.size(), 1u);
  EXPECT_EQ(warnings[0].range.begin, 1u);
}

TEST(FoldTest, FindsInvalidUtf8) {
  EXPECT_EQ(FindInvalidUtf8("plain"), std::string::npos);
  EXPECT_EQ(FindInvalidUtf8("né中😀"), std::string::npos);
  EXPECT_EQ(FindInvalidUtf8("ab\xff"), 2u);
  EXPECT_EQ(FindInvalidUtf8("ab\xc3"), 2u);         // cut short
  EXPECT_EQ(FindInvalidUtf8("\xc0\xaf"), 0u);       // overlong
  EXPECT_EQ(FindInvalidUtf8("a\xed\xa0\x80"), 1u);  // surrogate
  EXPECT_EQ(FindInvalidUtf8(std::string("a\0b", 3)), 1u);
}

}  // namespace
}  // namespace m2tts
