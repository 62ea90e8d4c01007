#include "server/synthesis/device_executor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <thread>

#include "google/rpc/error_details.pb.h"
#include "tests/server/synthesis/executor_fixture.h"

namespace m2tts {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using namespace std::chrono_literals;

TEST_F(DeviceExecutorTest, SpeaksSentencesInOrder) {
  RecordingSink sink;
  Submit("a b", &sink);
  Settle();
  EXPECT_THAT(synthesizer_->log, ElementsAre("a/0", "a/1", "a/2", "b/0", "b/1", "b/2"));
  EXPECT_EQ(sink.ends, 1);
  EXPECT_TRUE(sink.status.ok()) << sink.status;
  EXPECT_EQ(sink.report.total_samples, 2 * 3 * kPuppetWindow * 8);
  EXPECT_EQ(sink.report.normalized, "a\nb");
  EXPECT_EQ(admission_.snapshot().requests, 0);
}

TEST_F(DeviceExecutorTest, LaterRequestGetsItsFirstAudioBeforeTheEarlierOneGoesOn) {
  RecordingSink first;
  RecordingSink second;
  Submit("a", &first);
  tasks_.RunAll();
  EXPECT_TRUE(executor_.RunOne());
  Submit("b", &second);
  tasks_.RunAll();
  Settle();
  EXPECT_THAT(synthesizer_->log, ElementsAre("a/0", "b/0", "a/1", "b/1", "a/2", "b/2"));
  EXPECT_TRUE(first.status.ok() && second.status.ok());
}

TEST_F(DeviceExecutorTest, PausesStandBetweenSentencesOnlyAndScale) {
  RecordingSink without;
  Submit("a b", &without);
  Settle();
  RecordingSink with;
  Submit("a b", &with, std::nullopt, 2.0);
  Settle();
  Sentence sentence;
  sentence.phonemes = {{kBegin}, {kSpecialCount}, {kEnd}};
  const auto pause = static_cast<int64_t>(std::lround(2.0 * PauseAfter(sentence) * kPuppetRate)) * 8;
  EXPECT_EQ(with.report.total_samples - without.report.total_samples, pause);
}

TEST_F(DeviceExecutorTest, WordsKnowTheirPlace) {
  RecordingSink sink;
  Submit("a b", &sink);
  Settle();
  std::vector<SpokenWord> words;
  for (const EncodedChunk& chunk : sink.chunks) {
    words.insert(words.end(), chunk.words.begin(), chunk.words.end());
  }
  ASSERT_EQ(words.size(), 2U);
  EXPECT_EQ(words[0].first_sample, 50 * 8);
  EXPECT_EQ(words[0].sample_count, 200 * 8);
  EXPECT_EQ(words[1].first_sample, (300 + 50) * 8);
}

TEST_F(DeviceExecutorTest, ProsodyWorksOnTopOfTheControls) {
  frontend_.markup["b"] = [](Sentence* sentence) { sentence->prosody = {0.5, 2.0, 3.0}; };
  frontend_.markup["c"] = [](Sentence* sentence) { sentence->prosody = {0.1, -30.0, 9.0}; };
  RecordingSink sink;
  Submit("a b c", &sink);
  Settle();
  EXPECT_DOUBLE_EQ(synthesizer_->controls["a"].speed, 1.0);
  EXPECT_DOUBLE_EQ(synthesizer_->controls["b"].speed, 0.5);
  EXPECT_DOUBLE_EQ(synthesizer_->controls["b"].pitch, 2.0);
  EXPECT_DOUBLE_EQ(synthesizer_->controls["b"].volume, 3.0);
  EXPECT_TRUE(synthesizer_->controls["c"].Validate(1).ok()) << "kept within what voices can do";
}

TEST_F(DeviceExecutorTest, BreaksAreAsLongAsTheyAskEvenAtBothEnds) {
  RecordingSink plain;
  Submit("a b", &plain, std::nullopt, 1.0);
  Settle();
  frontend_.markup["a"] = [](Sentence* sentence) {
    sentence->pause_before = 0.25;
    sentence->pause_after = 0.0;
  };
  frontend_.markup["b"] = [](Sentence* sentence) { sentence->pause_after = 0.5; };
  RecordingSink sink;
  Submit("a b", &sink, std::nullopt, 1.0);
  Settle();
  EXPECT_EQ(sink.report.total_samples, (2 * kPuppetWindows * kPuppetWindow + 750) * 8);
  EXPECT_GT(plain.report.total_samples, 2 * kPuppetWindows * kPuppetWindow * 8);
  RecordingSink scaled;
  Submit("a b", &scaled, std::nullopt, 2.0);
  Settle();
  EXPECT_EQ(scaled.report.total_samples - sink.report.total_samples, 750 * 8);
}

TEST_F(DeviceExecutorTest, MarksKnowTheirPlace) {
  frontend_.markup["b"] = [](Sentence* sentence) {
    sentence->marks = {{"start", {0, 1}, 0}, {"end", {2, 3}, 1}};
  };
  RecordingSink sink;
  Submit("a b", &sink);
  Settle();
  std::vector<SpokenMark> marks;
  for (const EncodedChunk& chunk : sink.chunks) {
    marks.insert(marks.end(), chunk.marks.begin(), chunk.marks.end());
  }
  ASSERT_EQ(marks.size(), 2U);
  EXPECT_EQ(marks[0].mark.name, "start");
  EXPECT_EQ(marks[0].first_sample, (300 + 50) * 8);
  EXPECT_EQ(marks[1].first_sample, (300 + 250) * 8);
}

TEST_F(DeviceExecutorTest, ChunksTellTheirPositionsWithoutHoles) {
  RecordingSink sink;
  Submit("a b c", &sink);
  Settle();
  int64_t position = 0;
  size_t bytes = 0;
  for (const EncodedChunk& chunk : sink.chunks) {
    EXPECT_EQ(chunk.first_sample, position);
    position += chunk.sample_count;
    bytes += chunk.bytes.size();
  }
  EXPECT_EQ(position, sink.report.total_samples);
  EXPECT_EQ(bytes, 2 * static_cast<size_t>(position));
}

TEST_F(DeviceExecutorTest, CancelStopsBeforeTheNextWindow) {
  RecordingSink sink;
  std::shared_ptr<SynthesisJob> job;
  synthesizer_->hooks["a/1"] = [&job] { job->Cancel(Errorf(StatusCode::kCancelled, "enough")); };
  job = Submit("a b", &sink);
  Settle();
  EXPECT_THAT(synthesizer_->log, ElementsAre("a/0", "a/1"));
  EXPECT_EQ(sink.ends, 1);
  EXPECT_EQ(sink.status.code(), StatusCode::kCancelled);
  EXPECT_EQ(admission_.snapshot().requests, 1) << "its reader may not have all";
  job.reset();
  EXPECT_EQ(admission_.snapshot().requests, 0);
}

TEST_F(DeviceExecutorTest, TheTimeFromCancelToStopEndsWithTheLastWindow) {
  RecordingSink sink;
  std::shared_ptr<SynthesisJob> job;
  synthesizer_->hooks["a/1"] = [&] {
    job->Cancel(Errorf(StatusCode::kCancelled, "enough"));
    now_ += 15ms;  // what is left of the window
  };
  synthesizer_->hooks["b/0"] = [this] { now_ += 1s; };
  job = Submit("a", &sink);
  RecordingSink other;
  Submit("b", &other);
  Settle();
  ASSERT_EQ(observer_.stops.size(), 1U);
  EXPECT_NEAR(observer_.stops[0], 0.015, 1e-9);

  buffer_seconds_ = 0.05;
  RecordingSink suspended;
  job = Submit("c d", &suspended);
  Settle();
  now_ += 1s;
  job->Cancel(Errorf(StatusCode::kCancelled, "enough"));
  now_ += 1s;
  Settle();
  ASSERT_EQ(observer_.stops.size(), 2U);
  EXPECT_EQ(observer_.stops[1], 0.0) << "the device was not at it";
}

TEST_F(DeviceExecutorTest, DeadlineStopsBeforeTheNextWindow) {
  RecordingSink sink;
  synthesizer_->hooks["a/1"] = [this] { now_ += 2s; };
  Submit("a b", &sink, now_ + 1s);
  Settle();
  EXPECT_THAT(synthesizer_->log, ElementsAre("a/0", "a/1"));
  EXPECT_EQ(sink.status.code(), StatusCode::kDeadlineExceeded);
}

TEST_F(DeviceExecutorTest, SlowReaderSuspendsOnlyItself) {
  buffer_seconds_ = 0.15;
  RecordingSink slow;
  const auto job = Submit("a", &slow);
  buffer_seconds_ = 0.0;
  RecordingSink fast;
  Submit("b", &fast);
  Settle();
  EXPECT_THAT(synthesizer_->log, ElementsAre("a/0", "b/0", "a/1", "b/1", "b/2"));
  EXPECT_EQ(slow.ends, 0);
  EXPECT_EQ(fast.ends, 1);
  job->OnDelivered(0.2);
  Settle();
  EXPECT_EQ(synthesizer_->log.back(), "a/2");
  EXPECT_TRUE(slow.status.ok());
  EXPECT_EQ(slow.ends, 1);
}

TEST_F(DeviceExecutorTest, OnlyWhatTheDeviceWorksForWaitsForIt) {
  buffer_seconds_ = 0.15;
  RecordingSink sink;
  auto job = Submit("one two three", &sink);
  EXPECT_GT(admission_.snapshot().audio_seconds, 0.0);
  Settle();
  EXPECT_EQ(admission_.snapshot().audio_seconds, 0.0) << "its reader lags";
  EXPECT_EQ(admission_.snapshot().requests, 1);
  job->OnDelivered(0.2);
  EXPECT_GT(admission_.snapshot().audio_seconds, 0.0);
  for (int i = 0; i < 10; ++i) {
    Settle();
    if (sink.ends == 0) job->OnDelivered(0.2);
  }
  EXPECT_EQ(sink.ends, 1);
  EXPECT_EQ(admission_.snapshot().audio_seconds, 0.0);
  EXPECT_EQ(admission_.snapshot().requests, 1) << "its reader may not have all";
  job.reset();
  EXPECT_EQ(admission_.snapshot().requests, 0);
}

// Interrupted, and told the next sentence, just before the lane takes it.
class InterruptedSource : public SentenceSource {
 public:
  explicit InterruptedSource(Sentence next) : next_(std::move(next)) {}
  void Start() override {}
  bool ready() const override { return true; }
  bool ended() const override { return !next_.has_value(); }
  NextSentence Pop() override {
    interrupts_ = 1;
    return {std::exchange(next_, std::nullopt), 0, interrupts_};
  }
  uint64_t interrupts() const override { return interrupts_; }
  void Stop() override {}
  Status error() const override { return OkStatus(); }
  std::vector<TextWarning> trailing_warnings() const override { return {}; }
  double seconds() const override { return 0.0; }

 private:
  std::optional<Sentence> next_;
  uint64_t interrupts_ = 0;
};

TEST_F(DeviceExecutorTest, WhatIsSaidAfterAnInterruptIsSpoken) {
  const auto reader = frontend_.Read("next", {});
  RecordingSink sink;
  const auto source = std::make_shared<InterruptedSource>(*(*reader)->Next());
  executor_.Submit(Start("", &sink, PuppetVoice(synthesizer_), std::nullopt, 0.0, source));
  Settle();
  EXPECT_THAT(synthesizer_->log, ElementsAre("next/0", "next/1", "next/2"));
  ASSERT_FALSE(sink.chunks.empty());
  ASSERT_EQ(sink.chunks[0].events.size(), 1U);
  EXPECT_EQ(sink.chunks[0].events[0].kind, LiveEvent::Kind::kInterrupted);
  EXPECT_TRUE(sink.status.ok()) << sink.status;
}

TEST_F(DeviceExecutorTest, SuspendedJobCanBeCancelled) {
  buffer_seconds_ = 0.05;
  RecordingSink sink;
  const auto job = Submit("a", &sink);
  Settle();
  EXPECT_EQ(sink.ends, 0);
  job->Cancel(Errorf(StatusCode::kCancelled, "gone"));
  Settle();
  EXPECT_EQ(sink.ends, 1);
  EXPECT_EQ(sink.status.code(), StatusCode::kCancelled);
}

TEST_F(DeviceExecutorTest, ReadsOnlyAFewSentencesAhead) {
  buffer_seconds_ = 0.05;
  RecordingSink sink;
  Submit("a b c d e f g h i j k l", &sink);
  Settle();
  EXPECT_LE(frontend_.sentences_read, 4);
}

TEST_F(DeviceExecutorTest, TextWithNothingToSayIsAnErrorThatSaysWhy) {
  RecordingSink sink;
  Submit("? ?", &sink);
  Settle();
  EXPECT_EQ(sink.status.code(), StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(sink.status.message()), HasSubstr("skipped '?'"));
}

TEST_F(DeviceExecutorTest, UnreadableTextIsAFieldError) {
  RecordingSink sink;
  Submit("invalid", &sink);
  Settle();
  EXPECT_EQ(sink.status.code(), StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(sink.status.message()), HasSubstr("byte 3"));
  EXPECT_TRUE(sink.status.GetPayload("type.googleapis.com/google.rpc.BadRequest").has_value());
}

class BatchingTest : public DeviceExecutorTest {
 protected:
  BatchingTest() : DeviceExecutorTest(3) {}
};

TEST_F(BatchingTest, WindowsOfOneSizeShareABatch) {
  RecordingSink sinks[4];
  for (int i = 0; i < 4; ++i) Submit(std::string(1, static_cast<char>('a' + i)), &sinks[i]);
  Settle();
  EXPECT_THAT(synthesizer_->log,
              ElementsAre("a/0+b/0+c/0", "d/0", "a/1+b/1+c/1", "d/1", "a/2+b/2+c/2", "d/2"));
  for (const RecordingSink& sink : sinks) {
    EXPECT_TRUE(sink.status.ok()) << sink.status;
    EXPECT_EQ(sink.report.total_samples, kPuppetWindows * kPuppetWindow * 8);
  }
}

TEST_F(BatchingTest, CancelledMemberLeavesTheOthersAlone) {
  RecordingSink first;
  RecordingSink second;
  std::shared_ptr<SynthesisJob> job;
  synthesizer_->hooks["a/0"] = [&job] { job->Cancel(Errorf(StatusCode::kCancelled, "enough")); };
  job = Submit("a", &first);
  Submit("b", &second);
  Settle();
  EXPECT_THAT(synthesizer_->log, ElementsAre("a/0+b/0", "b/1", "b/2"));
  EXPECT_EQ(first.status.code(), StatusCode::kCancelled);
  EXPECT_TRUE(second.status.ok());
}

TEST_F(DeviceExecutorTest, AShortTextIsReadAtOnce) {
  inline_text_bytes_ = 7;
  RecordingSink sink;
  Submit("a b c d", &sink);
  EXPECT_TRUE(tasks_.empty());
  EXPECT_EQ(frontend_.sentences_read, 2) << "a few sentences ahead, and no more";
  EXPECT_TRUE(executor_.RunOne());
  EXPECT_THAT(synthesizer_->log, ElementsAre("a/0"));
  Settle();
  EXPECT_EQ(sink.report.normalized, "a\nb\nc\nd");

  RecordingSink longer;
  Submit("a b c de", &longer);
  EXPECT_FALSE(tasks_.empty());
  Settle();
  EXPECT_EQ(longer.report.normalized, "a\nb\nc\nde");

  RecordingSink invalid;
  Submit("?", &invalid);
  Settle();
  EXPECT_EQ(invalid.status.code(), StatusCode::kInvalidArgument);
}

// Whoever computes waits until another lane does, too.
class MeetingSynthesizer : public PuppetSynthesizer {
 public:
  StatusOr<std::unique_ptr<SentenceSynthesis>> Begin(const Sentence& sentence,
                                                     const SynthesisControls& asked) override {
    MutexLock lock(&mutex_);
    return PuppetSynthesizer::Begin(sentence, asked);
  }
  StatusOr<std::vector<std::vector<float>>> Next(const std::vector<SentenceSynthesis*>& sentences) override {
    const auto until = std::chrono::steady_clock::now() + 20s;
    MutexLock lock(&mutex_);
    ++inside_;
    changed_.NotifyAll();
    while (inside_ < 2 && changed_.WaitUntil(&mutex_, until)) {
    }
    if (inside_ < 2) return Internal("nobody came");
    return PuppetSynthesizer::Next(sentences);
  }

 private:
  Mutex mutex_;
  CondVar changed_;
  int inside_ ABSL_GUARDED_BY(mutex_) = 0;  // so far
};

TEST_F(DeviceExecutorTest, AJobMoreWakesALaneMore) {
  inline_text_bytes_ = 10;
  ExecutorOptions options = BatchesOf(1);
  options.lanes = 2;
  DeviceExecutor executor(options);
  const auto voice = PuppetVoice(std::make_shared<MeetingSynthesizer>());
  executor.Start();
  RecordingSink first;
  RecordingSink second;
  executor.Submit(Start("a", &first, voice));
  executor.Submit(Start("b", &second, voice));
  while (executor.busy()) std::this_thread::yield();
  executor.Stop();
  tasks_.RunAll();
  EXPECT_TRUE(first.status.ok()) << first.status;
  EXPECT_TRUE(second.status.ok()) << second.status;
  EXPECT_EQ(first.ends + second.ends, 2);
}

// A voice that is loaded on the lane that has a request must not hold that up.
TEST_F(DeviceExecutorTest, AnotherLaneGoesOnWhileAControlTaskRuns) {
  inline_text_bytes_ = 10;
  ExecutorOptions options = BatchesOf(1);
  options.lanes = 2;
  DeviceExecutor executor(options);
  std::promise<void> spoken;
  const std::shared_future<void> heard = spoken.get_future().share();
  std::thread loader;
  Status loaded;
  synthesizer_->hooks["a/0"] = [&] {
    std::atomic<bool> asking{false};
    loader = std::thread([&] {
      asking = true;
      loaded = executor.Run([heard] {
        return heard.wait_for(20s) == std::future_status::ready ? OkStatus() : Internal("nobody went on");
      });
    });
    // Until the task waits for lane 0: nothing tells when, and coming too late it proves less.
    for (int i = 0; !asking || i < 10'000; ++i) std::this_thread::yield();
  };
  synthesizer_->hooks["a/2"] = [&] { spoken.set_value(); };
  executor.Start();
  ASSERT_TRUE(executor.Run([] { return OkStatus(); }).ok());
  RecordingSink sink;
  executor.Submit(Start("a", &sink, PuppetVoice(synthesizer_)));
  while (executor.busy()) std::this_thread::yield();
  loader.join();
  executor.Stop();
  tasks_.RunAll();
  EXPECT_TRUE(loaded.ok()) << loaded;
  EXPECT_TRUE(sink.status.ok()) << sink.status;
}

TEST_F(DeviceExecutorTest, ControlTaskRunsBetweenWindowsOnTheDeviceThread) {
  executor_.Start();
  std::thread::id device_thread;
  EXPECT_TRUE(executor_
                  .Run([&device_thread] {
                    device_thread = std::this_thread::get_id();
                    return OkStatus();
                  })
                  .ok());
  EXPECT_NE(device_thread, std::this_thread::get_id());
  EXPECT_EQ(executor_.Run([] { return Internal("no"); }).code(), StatusCode::kInternal);
  executor_.Stop();
}

}  // namespace
}  // namespace m2tts
