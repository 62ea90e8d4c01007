#include "server/synthesis/live_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/resource.h>

#include "server/base/status_details.h"
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

// A live answer on the device, whose reader is the test.
class LiveJobTest : public DeviceExecutorTest {
 protected:
  void Open() {
    text_ = std::make_shared<LiveText>(&frontend_, ReadOptions(), 2, tasks_.post(), [] {});
    job_ = Start("", &sink_, PuppetVoice(synthesizer_), std::nullopt, 0.0, text_);
    executor_.Submit(job_);
  }
  void Say(const std::string& text) {
    job_->Extend(text.size());
    text_->Append(text, true);
    tasks_.RunAll();
  }
  void Interrupt() {
    text_->Interrupt();
    job_->Interrupt();
  }
  size_t events() const {
    size_t count = 0;
    for (const EncodedChunk& chunk : sink_.chunks) count += chunk.events.size();
    return count;
  }
  // What was spoken by the next step of the device.
  std::string Step() {
    EXPECT_TRUE(executor_.RunOne());
    tasks_.RunAll();
    return synthesizer_->log.empty() ? "" : synthesizer_->log.back();
  }

  RecordingSink sink_;
  std::shared_ptr<LiveText> text_;
  std::shared_ptr<SynthesisJob> job_;
};

TEST_F(LiveJobTest, FlushesWaitForAReaderThatTakesNothing) {
  buffer_seconds_ = 1.0;
  Open();
  for (int i = 0; i < 1000; ++i) text_->Append("", true);
  Settle();
  EXPECT_LE(events(), 22U);
  size_t taken = 0;
  for (int i = 0; i < 1000 && events() < 1000; ++i) {
    job_->OnDelivered(static_cast<double>(events() - taken) * kLiveEventSeconds);
    taken = events();
    Settle();
  }
  EXPECT_EQ(events(), 1000U) << "and come as it reads";
}

TEST_F(LiveJobTest, InterruptsWaitForAReaderThatTakesNothing) {
  buffer_seconds_ = 1.0;
  Open();
  for (int i = 0; i < 200; ++i) {
    Interrupt();
    Settle();
  }
  EXPECT_LE(events(), 22U);
  const size_t before = events();
  job_->OnDelivered(kLiveEventSeconds);
  Settle();
  EXPECT_GT(events(), before);
}

// The listener has begun to speak while much was ready for it: that must not wait for it.
TEST_F(LiveJobTest, AnInterruptIsFollowedAlthoughTheReaderLags) {
  buffer_seconds_ = 0.5;
  Open();
  Say("one two three four");
  Settle();
  EXPECT_EQ(events(), 0U);
  Interrupt();
  Settle();
  EXPECT_EQ(events(), 1U);
}

TEST_F(LiveJobTest, WhatTheListenerWaitsForIsFirstAudioAgain) {
  buffer_seconds_ = 10.0;
  Open();
  Say("one");
  Settle();
  job_->OnDelivered(0.3 + kLiveEventSeconds);
  RecordingSink other;
  Submit("a b", &other);
  tasks_.RunAll();
  EXPECT_EQ(Step(), "a/0");
  now_ += std::chrono::milliseconds(1);
  Say("two three four");
  EXPECT_EQ(Step(), "two/0") << "all before it was spoken and taken";
  EXPECT_EQ(Step(), "a/1") << "the rest is later audio";
  now_ += std::chrono::milliseconds(1);
  EXPECT_EQ(Step(), "two/1");
  now_ += std::chrono::milliseconds(1);
  Interrupt();
  Say("five");
  EXPECT_EQ(Step(), "five/0") << "what was said before it is of no use";
}

TEST_F(LiveJobTest, WhatIsStillToBeSaidCountsForTheClientUntilItLeaves) {
  ClientLimits limits({1, 0, 1.0});
  auto ticket = limits.Enter("a", 0, 0.0, now_);
  ASSERT_TRUE(ticket.ok());
  client_ticket_ = *std::move(ticket);
  Open();
  EXPECT_TRUE(client_ticket_->HasCredit(now_));
  job_->Extend(1000);
  EXPECT_FALSE(client_ticket_->HasCredit(now_));
  job_->Interrupt();
  EXPECT_TRUE(client_ticket_->HasCredit(now_));
  text_->End();
  Settle();
  EXPECT_EQ(sink_.ends, 1);
  EXPECT_FALSE(limits.Enter("a", 0, 0.0, now_).ok());
  job_->LeavePlace();
  EXPECT_TRUE(limits.Enter("a", 0, 0.0, now_).ok()) << "the job is there, but its client knows its end";
  job_.reset();  // before the limits
  client_ticket_.reset();
}

// Whoever wishes long pauses must not make the texts of others look longer.
TEST_F(DeviceExecutorTest, OnlySpeechTeachesHowLongTextsAre) {
  for (const char* word : {"a", "b", "c"}) {
    frontend_.markup[word] = [](Sentence* sentence) {
      sentence->pause_before = 20.0;
      sentence->pause_after = 30.0;
      sentence->prosody.rate = 0.5;  // twice as long as what it teaches
    };
  }
  RecordingSink sink;
  const std::string text = "a b c d e f g h i j k";
  Submit(text, &sink, std::nullopt, 1.0);
  Settle();
  ASSERT_TRUE(sink.status.ok()) << sink.status;
  EXPECT_GT(sink.report.audio_seconds, 150.0);
  EXPECT_NEAR(sink.report.spoken_seconds, (8 + 3 * 0.5) * 0.3, 1e-9);
  const double before = AdmissionOptions().initial_seconds_per_byte;
  const double measured = sink.report.spoken_seconds / static_cast<double>(text.size());
  EXPECT_NEAR(admission_.Predict(1, 1.0), before + 0.1 * (measured - before), 1e-9);
}

// MP3 is written into a pipe.
TEST_F(DeviceExecutorTest, WithoutAnOpenFileTheEncoderIsWantedLater) {
  rlimit limit{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &limit), 0);
  rlimit none = limit;
  none.rlim_cur = 0;
  SynthesisRequest request;
  request.voice = PuppetVoice(synthesizer_);
  request.encoding = AudioEncoding::kMp3;
  request.sample_rate = 24000;
  auto ticket = admission_.Admit({}, now_);
  ASSERT_TRUE(ticket.ok());
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &none), 0);
  const auto job = SynthesisJob::Create(request, *std::move(ticket), nullptr, {});
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &limit), 0);
  EXPECT_EQ(job.status().code(), StatusCode::kResourceExhausted);
  EXPECT_TRUE(RetryDelayOf(job.status()).has_value());
}

}  // namespace
}  // namespace m2tts
