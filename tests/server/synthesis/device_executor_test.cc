#include "server/synthesis/device_executor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "google/rpc/error_details.pb.h"
#include "tests/server/synthesis/puppet.h"

namespace m2tts {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using namespace std::chrono_literals;

ExecutorOptions BatchesOf(int max_batch) {
  ExecutorOptions options;
  options.scheduler.max_batch = max_batch;
  return options;
}

class DeviceExecutorTest : public testing::Test {
 protected:
  explicit DeviceExecutorTest(int max_batch = 1) : executor_(BatchesOf(max_batch), [this] { return now_; }) {}

  std::shared_ptr<SynthesisJob> Submit(const std::string& text, AudioSink* sink,
                                       std::optional<TimePoint> deadline = std::nullopt,
                                       double pause_scale = 0.0) {
    SynthesisRequest request;
    request.text = text;
    request.voice = PuppetVoice(synthesizer_);
    request.encoding = AudioEncoding::kPcm16;
    request.sample_rate = 8000;
    request.pause_scale = pause_scale;
    request.arrival = now_;
    request.deadline = deadline;
    SynthesisJob::Environment environment;
    environment.frontend = &frontend_;
    environment.post = tasks_.post();
    environment.wake_device = [] {};
    environment.now = [this] { return now_; };
    environment.observer = &observer_;
    environment.buffer_seconds = buffer_seconds_;
    environment.reader_timeout_seconds = 60.0;
    auto ticket = admission_.Admit(text.size(), 1.0, std::nullopt, now_);
    EXPECT_TRUE(ticket.ok());
    auto job = SynthesisJob::Create(request, *std::move(ticket), sink, environment);
    EXPECT_TRUE(job.ok()) << job.status();
    (*job)->Start();
    executor_.Submit(*job);
    return *job;
  }

  // Runs text, device and encoder until nothing is left to do.
  void Settle() {
    do {
      tasks_.RunAll();
    } while (executor_.RunOne());
    tasks_.RunAll();
  }

  TimePoint now_{1h};
  TaskQueue tasks_;
  PuppetFrontend frontend_;
  RecordingObserver observer_;
  double buffer_seconds_ = 0.0;
  Admission admission_{AdmissionOptions()};
  std::shared_ptr<PuppetSynthesizer> synthesizer_ = std::make_shared<PuppetSynthesizer>();
  DeviceExecutor executor_;
};

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
  EXPECT_EQ(admission_.snapshot().requests, 0);
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

TEST_F(DeviceExecutorTest, ReaderThatTakesNothingIsGivenUp) {
  buffer_seconds_ = 0.05;
  RecordingSink sink;
  const auto job = Submit("a b", &sink);
  Settle();
  now_ += 59s;
  job->OnDelivered(0.01);
  now_ += 59s;
  Settle();
  EXPECT_EQ(sink.ends, 0) << "it took something in between";
  now_ += 2s;
  Settle();
  EXPECT_EQ(sink.ends, 1);
  EXPECT_EQ(sink.status.code(), StatusCode::kDeadlineExceeded);
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

TEST_F(DeviceExecutorTest, OutOfMemoryEndsOneRequestWithARetryDelay) {
  synthesizer_->failures["a/1"] = Errorf(StatusCode::kResourceExhausted, "out of memory");
  RecordingSink failing;
  RecordingSink other;
  Submit("a", &failing);
  Submit("b", &other);
  Settle();
  EXPECT_EQ(failing.status.code(), StatusCode::kResourceExhausted);
  EXPECT_TRUE(failing.status.GetPayload("type.googleapis.com/google.rpc.RetryInfo").has_value());
  EXPECT_EQ(observer_.out_of_memory, 1);
  EXPECT_TRUE(other.status.ok());
  EXPECT_EQ(other.ends, 1);
}

TEST_F(DeviceExecutorTest, ModelErrorReachesTheSink) {
  synthesizer_->failures["a/0"] = Internal("broken weights");
  RecordingSink sink;
  Submit("a", &sink);
  Settle();
  EXPECT_EQ(sink.status.code(), StatusCode::kInternal);
  EXPECT_TRUE(sink.chunks.empty());
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

TEST_F(DeviceExecutorTest, AbandonedJobEndsAtOnceAndWhatItsLaneStillMakesIsLost) {
  RecordingSink sink;
  std::shared_ptr<SynthesisJob> job;
  synthesizer_->hooks["a/1"] = [&] {
    job->Abandon(Errorf(StatusCode::kUnavailable, "stuck"));
    tasks_.RunAll();
    EXPECT_EQ(sink.ends, 1) << "while the lane is still in the window";
  };
  job = Submit("a b", &sink);
  Settle();
  EXPECT_EQ(sink.ends, 1);
  EXPECT_EQ(sink.status.code(), StatusCode::kUnavailable);
  EXPECT_THAT(synthesizer_->log, ElementsAre("a/0", "a/1"));
  EXPECT_EQ(admission_.snapshot().requests, 0);
}

TEST_F(DeviceExecutorTest, StuckLaneIsFoundAndItsJobsEnd) {
  RecordingSink sink;
  synthesizer_->hooks["a/1"] = [&] {
    EXPECT_FALSE(executor_.CheckStalls());
    now_ += 31s;
    EXPECT_TRUE(executor_.CheckStalls());
    tasks_.RunAll();
    EXPECT_EQ(sink.ends, 1);
  };
  Submit("a b", &sink);
  Settle();
  EXPECT_EQ(sink.status.code(), StatusCode::kUnavailable);
  EXPECT_FALSE(executor_.CheckStalls()) << "the lane is back";
}

TEST_F(DeviceExecutorTest, WhenTheOnlyLaneIsStuckWhatWaitsEndsToo) {
  RecordingSink inside;
  RecordingSink waiting;
  synthesizer_->hooks["a/0"] = [&] {
    Submit("b", &waiting);
    tasks_.RunAll();
    now_ += 31s;
    EXPECT_TRUE(executor_.CheckStalls());
    EXPECT_TRUE(executor_.CheckStalls()) << "as often as one looks";
    tasks_.RunAll();
    EXPECT_EQ(inside.ends, 1);
    EXPECT_EQ(waiting.ends, 1);
  };
  Submit("a", &inside);
  Settle();
  EXPECT_EQ(waiting.ends, 1);
  EXPECT_EQ(waiting.status.code(), StatusCode::kUnavailable);
  EXPECT_TRUE(waiting.status.GetPayload("type.googleapis.com/google.rpc.RetryInfo").has_value());
  EXPECT_THAT(synthesizer_->log, ElementsAre("a/0")) << "what has ended is not computed";
  EXPECT_EQ(admission_.snapshot().requests, 0);
}

TEST_F(DeviceExecutorTest, CancelAllEndsWhatWaitsAndWhatIsSuspended) {
  buffer_seconds_ = 0.05;
  RecordingSink suspended;
  Submit("a", &suspended);
  Settle();
  RecordingSink waiting;
  Submit("b", &waiting);
  executor_.CancelAll(Errorf(StatusCode::kUnavailable, "the device has failed"));
  Settle();
  EXPECT_EQ(suspended.status.code(), StatusCode::kUnavailable);
  EXPECT_EQ(waiting.status.code(), StatusCode::kUnavailable);
  EXPECT_EQ(suspended.ends + waiting.ends, 2);
}

TEST_F(DeviceExecutorTest, TellsWhatIsTheFaultOfTheDevice) {
  std::vector<BatchOutcome> outcomes;
  executor_.OnBatch([&](const BatchOutcome& outcome) { outcomes.push_back(outcome); });
  synthesizer_->failures["a/0"] = Internal("broken");
  synthesizer_->failures["b/0"] = Errorf(StatusCode::kResourceExhausted, "out of memory");
  RecordingSink sinks[3];
  const char* const texts[] = {"a", "b", "c"};
  for (int i = 0; i < 3; ++i) Submit(texts[i], &sinks[i]);
  Settle();
  ASSERT_GE(outcomes.size(), 3U);
  EXPECT_EQ(outcomes[0].error.code(), StatusCode::kInternal);
  EXPECT_FALSE(outcomes[0].computed);
  EXPECT_TRUE(outcomes[1].error.ok()) << "lack of memory passes";
  EXPECT_FALSE(outcomes[1].computed);
  EXPECT_TRUE(outcomes[2].error.ok() && outcomes[2].computed);
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

TEST_F(BatchingTest, ABatchThatFailsIsOneFailure) {
  int failures = 0;
  executor_.OnBatch([&](const BatchOutcome& outcome) { failures += outcome.error.ok() ? 0 : 1; });
  synthesizer_->failures["b/0"] = Internal("broken");
  RecordingSink sinks[3];
  const char* const texts[] = {"a", "b", "c"};
  for (int i = 0; i < 3; ++i) Submit(texts[i], &sinks[i]);
  Settle();
  for (const RecordingSink& sink : sinks) EXPECT_EQ(sink.status.code(), StatusCode::kInternal);
  EXPECT_EQ(failures, 1);
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
