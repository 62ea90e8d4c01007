#include "server/synthesis/live_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/server/synthesis/puppet.h"

namespace m2tts {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::string Safe(const std::string& text) {
  return text.substr(0, SafePrefix(text));
}

TEST(SafePrefixTest, WaitsForTheWordAfterASentence) {
  EXPECT_EQ(Safe(""), "");
  EXPECT_EQ(Safe("Hello"), "");
  EXPECT_EQ(Safe("Hello there."), "");
  EXPECT_EQ(Safe("Hello there. "), "Hello there. ") << "nothing joins an ordinary word across a full stop";
  EXPECT_EQ(Safe("Hello there. How are"), "Hello there. ");
  EXPECT_EQ(Safe("One. Two. Three. Fo"), "One. Two. Three. ");
}

TEST(SafePrefixTest, NothingIsCutInHalf) {
  for (const char* text : {"It costs 3.", "It costs 3.5", "I met Dr. ", "I met Dr. Sm", "See fig. ",
                           "At 5 p.m. ", "He is from the U.S. ", "\"Really?\" ", "\"Really?\" h", "Wait... ",
                           "It was J. ", "The 2nd of Jan. ", "www.example.", "Say [[ HH AH0 . L OW1 "}) {
    EXPECT_EQ(Safe(text), "") << text;
  }
}

TEST(SafePrefixTest, TheWordThatFollowsSettlesIt) {
  EXPECT_EQ(Safe("He is from the U.S. The next day "), "He is from the U.S. ");
  EXPECT_EQ(Safe("\"Really?\" he asked. The end "), "\"Really?\" he asked. ");
  EXPECT_EQ(Safe("I met Dr. Smith. Then we "), "I met Dr. Smith. ");
}

TEST(SafePrefixTest, ABlankLineEndsAParagraph) {
  EXPECT_EQ(Safe("A title\n\nText goes "), "A title\n\n");
}

TEST(SafePrefixTest, GrowingTextNeverTakesBackWhatWasSafe) {
  const std::string text =
      "Dr. Smith paid $3.50 at 5 p.m. on Jan. 3rd. \"Really?\" she said. Yes... Well, no! See fig. 2.1 of "
      "the U.S. "
      "report. I. M. Pei built it.\n\nThe end. ";
  size_t safe = 0;
  for (size_t length = 0; length <= text.size(); ++length) {
    const size_t now = SafePrefix(std::string_view(text).substr(0, length));
    EXPECT_GE(now, safe) << text.substr(0, length);
    safe = std::max(safe, now);
  }
  EXPECT_EQ(safe, text.size());
}

TEST(SafePrefixTest, EndlessTextIsCutAnyway) {
  EXPECT_GT(SafePrefix(std::string(3000, 'a') + " " + std::string(3000, 'b') + " c"), 0U);
  std::string words;
  for (int i = 0; i < 3000; ++i) words += "word ";
  EXPECT_GT(SafePrefix(words), 3000U);
}

// Every word is a sentence to the puppet; the stretches are what is tested here.
class LiveTextTest : public testing::Test {
 protected:
  LiveTextTest()
      : text_(std::make_shared<LiveText>(&frontend_, ReadOptions(), 2, tasks_.post(),
                                         [this] { ++changes_; })) {}

  // What can be popped now; "|" for the end of a flush.
  std::vector<std::string> PopAll() {
    std::vector<std::string> words;
    while (true) {
      tasks_.RunAll();
      const NextSentence next = text_->Pop();
      for (int i = 0; i < next.flushes; ++i) words.push_back("|");
      if (const auto& sentence = next.sentence) {
        words.push_back(sentence->normalized);
        ranges_.push_back(sentence->source);
        paragraphs_.push_back(sentence->ends_paragraph);
      } else if (!text_->ready() || text_->ended()) {
        return words;
      }
    }
  }

  TaskQueue tasks_;
  PuppetFrontend frontend_;
  int changes_ = 0;
  std::shared_ptr<LiveText> text_;
  std::vector<TextRange> ranges_;
  std::vector<bool> paragraphs_;
};

TEST_F(LiveTextTest, PiecesMakeSentences) {
  text_->Append("one. tw", false);
  EXPECT_THAT(PopAll(), ElementsAre("one."));
  text_->Append("o. three", false);
  EXPECT_THAT(PopAll(), ElementsAre("two."));
  EXPECT_FALSE(text_->ready());
  text_->End();
  EXPECT_THAT(PopAll(), ElementsAre("three"));
  EXPECT_TRUE(text_->ended());
  EXPECT_GT(changes_, 0);
}

TEST_F(LiveTextTest, IsReadingOnlyWhileThereIsSomethingToRead) {
  EXPECT_FALSE(text_->reading());
  text_->Append("one. tw", false);
  EXPECT_TRUE(text_->reading());
  tasks_.RunAll();
  EXPECT_TRUE(text_->ready());
  EXPECT_FALSE(text_->reading()) << "'tw' may go on";
}

TEST_F(LiveTextTest, FlushReadsWhatIsThere) {
  text_->Append("one tw", true);
  text_->Append("o three", false);
  EXPECT_THAT(PopAll(), ElementsAre("one", "tw", "|"));
  text_->Append("", true);
  EXPECT_THAT(PopAll(), ElementsAre("o", "three", "|"));
  text_->Append(" ", true);
  EXPECT_THAT(PopAll(), ElementsAre("|")) << "also when there is nothing to say";
}

TEST_F(LiveTextTest, InterruptForgets) {
  text_->Append("one. two. three. fo", false);
  tasks_.RunAll();
  text_->Interrupt();
  EXPECT_FALSE(text_->ready());
  text_->Append("new. text", false);
  EXPECT_THAT(PopAll(), ElementsAre("new."));
  text_->End();
  EXPECT_THAT(PopAll(), ElementsAre("text")) << "nothing of \"fo\" is left";
}

TEST_F(LiveTextTest, InterruptWhileATaskReads) {
  text_->Append("one. two. three", true);
  text_->Interrupt();  // before the task that was posted runs
  EXPECT_THAT(PopAll(), IsEmpty());
  text_->Append("x", true);
  EXPECT_THAT(PopAll(), ElementsAre("x", "|"));
}

TEST_F(LiveTextTest, ReadsOnlyAFewSentencesAhead) {
  std::string many;
  for (int i = 0; i < 100; ++i) many += "w. ";
  text_->Append(many, true);
  tasks_.RunAll();
  EXPECT_LE(frontend_.sentences_read, 3);
  EXPECT_EQ(PopAll().size(), 101U);
}

TEST_F(LiveTextTest, PendingBytesTellWhatWaits) {
  int calls = 0;
  text_->OnRoom([&calls] { ++calls; });
  text_->Append("one two", false);
  EXPECT_EQ(text_->pending_bytes(), 7U);
  tasks_.RunAll();
  EXPECT_EQ(text_->pending_bytes(), 7U) << "no sentence is safe yet";
  EXPECT_GT(calls, 0);
  text_->End();
  PopAll();
  EXPECT_EQ(text_->pending_bytes(), 0U);
  text_->OnRoom(nullptr);
  const int before = calls;
  text_->Append("x", true);
  tasks_.RunAll();
  EXPECT_EQ(calls, before);
}

TEST_F(LiveTextTest, UnreadableTextIsAnError) {
  text_->Append("invalid", true);
  EXPECT_THAT(PopAll(), IsEmpty());
  EXPECT_TRUE(text_->ended());
  EXPECT_FALSE(text_->error().ok());
}

TEST_F(LiveTextTest, StopEndsIt) {
  text_->Append("one. two. ", false);
  text_->Stop();
  EXPECT_THAT(PopAll(), IsEmpty());
  EXPECT_TRUE(text_->ended());
}

}  // namespace
}  // namespace m2tts
