#include "server/synthesis/live_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/server/synthesis/executor_fixture.h"
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
  EXPECT_EQ(Safe("See Rom. "), "") << "a verse may follow";
  EXPECT_EQ(Safe("On Sun. "), "") << "a date may follow";
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

std::string Repeat(const std::string& text, int count) {
  std::string all;
  for (int i = 0; i < count; ++i) all += text;
  return all;
}

// No white space, so no place that is safe: it is cut as a long text is, and not kept for ever.
TEST(SafePrefixTest, TextWithoutSpacesIsCutBetweenCharacters) {
  const size_t cut = SafePrefix(Repeat("\u6f22", 2000));
  EXPECT_GT(cut, 3000U);
  EXPECT_EQ(cut % 3, 0U);
  EXPECT_GT(SafePrefix(Repeat("\u6f22\u3002", 1000)), 3000U) << "sentences, without spaces between";
  EXPECT_GT(SafePrefix(std::string(5000, 'A')), 3000U);
  EXPECT_EQ(SafePrefix(std::string(5000, ' ')), 5000U);
  EXPECT_EQ(SafePrefix(std::string(5000, '\n') + "x"), 5000U);
  EXPECT_EQ(SafePrefix(std::string(4000, 'A')), 0U) << "a space may come";
}

TEST(SafePrefixTest, ABracketThatNobodyClosesHoldsLittleBack) {
  EXPECT_EQ(Safe("Say [[ one. Two goes "), "");
  EXPECT_EQ(SafePrefix("Say [[ one. Two goes ", false), 12U) << "no phonemes are wanted";
  const std::string words = Repeat("word ", 140);
  EXPECT_GT(SafePrefix("It began. [[ " + words), 600U);
  EXPECT_GT(SafePrefix("[[ " + words), 0U) << "no phonemes are that long";
  EXPECT_EQ(SafePrefix("[[ " + words.substr(0, 500)), 0U);
}

TEST(SafePrefixTest, PhonemesAreNotCutInTwo) {
  const std::string text = Repeat("[[HH|OW1]]x", 600);
  const size_t cut = SafePrefix(text);
  EXPECT_GT(cut, 3000U);
  EXPECT_EQ(cut % 11, 0U);
  EXPECT_NE(SafePrefix(text, false) % 11, 0U);
}

TEST(LivePiecesTest, NeighboursWithoutAFlushBetweenThemBecomeOne) {
  LivePieces pieces;
  pieces.Add({"a", false});
  pieces.Add({"b", true});
  const size_t one = pieces.bytes();
  pieces.Add({"", true});
  pieces.Add({"c", false});
  EXPECT_GT(one, 2U);
  EXPECT_GT(pieces.bytes(), one + 30) << "a flush without text occupies memory, too";
  EXPECT_EQ(pieces.first_bytes(), 2U);
  LivePieces::Piece piece = pieces.Take();
  EXPECT_EQ(piece.text, "ab");
  EXPECT_TRUE(piece.flush);
  piece = pieces.Take(0);
  EXPECT_EQ(piece.text, "");
  EXPECT_TRUE(piece.flush);
  EXPECT_EQ(pieces.bytes(), 1U);
  pieces.Clear();
  EXPECT_TRUE(pieces.empty());
  EXPECT_EQ(pieces.bytes(), 0U);
}

TEST(LivePiecesTest, APieceIsDividedBetweenCharacters) {
  LivePieces pieces;
  pieces.Add({"ab\u6f22\u6f22c", true});
  std::vector<std::string> parts;
  std::vector<bool> flushes;
  for (const size_t most : {4U, 1U, 0U, 100U}) {
    const LivePieces::Piece piece = pieces.Take(most);
    parts.push_back(piece.text);
    flushes.push_back(piece.flush);
  }
  EXPECT_THAT(parts, ElementsAre("ab", "\u6f22", "\u6f22", "c"));
  EXPECT_THAT(flushes, ElementsAre(false, false, false, true)) << "the flush comes with the last byte";
  EXPECT_TRUE(pieces.empty());
  EXPECT_EQ(pieces.bytes(), 0U);
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
      } else {
        tasks_.RunAll();
        if (!text_->ready() || text_->ended()) return words;
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

TEST_F(LiveTextTest, AFlushWaitsLikeText) {
  for (int i = 0; i < 1000; ++i) text_->Append("", true);
  EXPECT_GT(text_->pending_bytes(), 30'000U);
  tasks_.RunAll();
  EXPECT_GT(text_->pending_bytes(), 30'000U) << "all but a few are still there";
  EXPECT_EQ(PopAll().size(), 1000U);
  EXPECT_EQ(text_->pending_bytes(), 0U);
}

TEST_F(LiveTextTest, FlushesBeforeTheEndAreAnswered) {
  text_->Append("one", true);
  text_->Append("", true);
  text_->Append("", true);
  text_->End();
  EXPECT_THAT(PopAll(), ElementsAre("one", "|", "|", "|"));
  EXPECT_TRUE(text_->ended());
}

TEST_F(LiveTextTest, TextWithoutSpacesDoesNotWaitForEver) {
  text_->Append(Repeat("\u6f22", 30'000), false);
  PopAll();
  EXPECT_LT(text_->pending_bytes(), 5000U);
}

TEST_F(LiveTextTest, BracketsAreTextWhereNoPhonemesAreWanted) {
  ReadOptions options;
  options.inline_phonemes = false;
  text_ = std::make_shared<LiveText>(&frontend_, options, 2, tasks_.post(), [] {});
  text_->Append("[[ one. tw", false);
  EXPECT_THAT(PopAll(), ElementsAre("[[", "one."));
}

// What cannot be read before more comes costs the device nothing.
TEST_F(LiveTextTest, TellsWhatWaitsForMoreText) {
  size_t read = 0;
  text_->OnRead([&read](size_t text_end, size_t) { read = text_end; });
  text_->Append("one. tw", false);
  tasks_.RunAll();
  EXPECT_EQ(read, 7U);
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
