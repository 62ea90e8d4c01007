#include "trainer/check/text_measure.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace m2tts {
namespace {

using testing::ElementsAre;
using testing::Pair;

class TextMeasureTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    auto created = TextFrontend::Create({M2TTS_BINARY_DIR "/lexicon/en_US.lex", {}});
    ASSERT_TRUE(created.ok()) << created.status();
    frontend_ = *std::move(created);
  }
  static void TearDownTestSuite() { frontend_.reset(); }

  static std::unique_ptr<TextFrontend> frontend_;
};
std::unique_ptr<TextFrontend> TextMeasureTest::frontend_;

TEST_F(TextMeasureTest, CountsWhatIsSaid) {
  const auto measure = MeasureText(*frontend_, "  Hello world. Hello 2!\n");
  ASSERT_TRUE(measure.ok()) << measure.status();
  EXPECT_EQ(measure->characters, 21);
  EXPECT_EQ(measure->words, 4);
  EXPECT_EQ(measure->phonemes, 4 + 4 + 4 + 2);  // HH AH L OW, W ER L D, HH AH L OW, T UW
  EXPECT_TRUE(measure->guessed.empty());
  EXPECT_TRUE(measure->unusual.empty());
  EXPECT_TRUE(measure->unread.empty());
}

TEST_F(TextMeasureTest, NamesGuessedWordsAndUnusualCharacters) {
  const auto measure = MeasureText(*frontend_, "The zorblatt \xE2\x80\x94 caf\xC3\xA9\tcaf\xC3\xA9.");
  ASSERT_TRUE(measure.ok()) << measure.status();
  EXPECT_THAT(measure->guessed, ElementsAre("zorblatt"));
  EXPECT_THAT(measure->unusual, ElementsAre(Pair("\t", 1), Pair("\xC3\xA9", 2), Pair("\xE2\x80\x94", 1)));
}

TEST_F(TextMeasureTest, TellsOfTextInAnotherScript) {
  const auto measure = MeasureText(*frontend_, "He said \xD0\xB4\xD0\xB0 to me.");
  ASSERT_TRUE(measure.ok()) << measure.status();
  EXPECT_EQ(measure->unread.size(), 1u);
}

TEST_F(TextMeasureTest, RefusesWhatCannotBeSaid) {
  for (const char* text : {"caf\xE9", "...", "", "\xF0\x9F"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(MeasureText(*frontend_, text).status())) << text;
  }
  EXPECT_FALSE(MeasureText(*frontend_, std::string("a\0b", 3)).ok());
}

TEST(Printable, LeavesNothingThatATerminalWouldObey) {
  EXPECT_EQ(Printable("caf\xC3\xA9 \x1b[31m\r\n"), "caf\xC3\xA9 ?[31m??");
  EXPECT_EQ(Printable("\xff\xC2\x9b\x7f\xE2\x80"), "?????");
}

}  // namespace
}  // namespace m2tts
