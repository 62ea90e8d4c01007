#include "core/text/voice_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/base/file.h"
#include "tests/core/base/temp_folder.h"

namespace m2tts {
namespace {

using testing::HasSubstr;

TEST(VoiceTextTest, AFolderWithoutFilesReadsAsUsual) {
  const TempFolder folder;
  const auto options = ReadVoiceText(folder.path(), false);
  ASSERT_TRUE(options.ok()) << options.status();
  EXPECT_FALSE(options->style.say_and);
  EXPECT_TRUE(options->user.empty());
}

TEST(VoiceTextTest, ReadsStyleAndWords) {
  const TempFolder folder;
  ASSERT_TRUE(WriteFileAtomic(folder.path() / "text.yaml", "say_and: true\ndigits: pairs\n").ok());
  ASSERT_TRUE(WriteFileAtomic(folder.path() / "lexicon.txt", "GIF JH IH1 F\n").ok());
  const auto options = ReadVoiceText(folder.path(), false);
  ASSERT_TRUE(options.ok()) << options.status();
  EXPECT_TRUE(options->style.say_and);
  EXPECT_EQ(options->style.digits, TextStyle::DigitStyle::kPairs);
  EXPECT_EQ(options->style.date_order, TextStyle::DateOrder::kMonthFirst);
  ASSERT_EQ(options->user.size(), 1u);
  EXPECT_TRUE(options->user.front()->Contains("gif"));
}

TEST(VoiceTextTest, PhraseBreaksAreAsTheVoiceSaysUnlessTheFileDoes) {
  const TempFolder folder;
  EXPECT_FALSE(ReadVoiceText(folder.path(), false)->style.phrase_breaks);
  EXPECT_TRUE(ReadVoiceText(folder.path(), true)->style.phrase_breaks);
  ASSERT_TRUE(WriteFileAtomic(folder.path() / "text.yaml", "phrase_breaks: false\n").ok());
  EXPECT_FALSE(ReadVoiceText(folder.path(), true)->style.phrase_breaks);
}

TEST(VoiceTextTest, ErrorsNameFileAndLine) {
  const TempFolder folder;
  ASSERT_TRUE(WriteFileAtomic(folder.path() / "text.yaml", "say_and: true\nsay_or: true\n").ok());
  const auto style = ReadVoiceText(folder.path(), false).status();
  EXPECT_THAT(std::string(style.message()), HasSubstr("text.yaml"));
  EXPECT_THAT(std::string(style.message()), HasSubstr("say_or"));
  ASSERT_TRUE(WriteFileAtomic(folder.path() / "text.yaml", "say_and: true\n").ok());
  ASSERT_TRUE(WriteFileAtomic(folder.path() / "lexicon.txt", "; words\nGIF JH XX1 F\n").ok());
  const auto words = ReadVoiceText(folder.path(), false).status();
  EXPECT_THAT(std::string(words.message()), HasSubstr("lexicon.txt:2:"));
}

}  // namespace
}  // namespace m2tts
