// Jobs and executor when the device fails, hangs, or has no voice yet.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "google/rpc/error_details.pb.h"
#include "tests/server/synthesis/executor_fixture.h"

namespace m2tts {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using namespace std::chrono_literals;

class DeviceFaultsTest : public DeviceExecutorTest {
 protected:
  // The puppet, after it has made room for others.
  static std::shared_ptr<const Voice> KnownVoice() { return PuppetVoice(nullptr); }
};

class BatchFaultsTest : public DeviceExecutorTest {
 protected:
  BatchFaultsTest() : DeviceExecutorTest(3) {}
};

TEST_F(DeviceFaultsTest, OutOfMemoryEndsOneRequestWithARetryDelay) {
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

TEST_F(DeviceFaultsTest, ModelErrorReachesTheSink) {
  synthesizer_->failures["a/0"] = Internal("broken weights");
  RecordingSink sink;
  Submit("a", &sink);
  Settle();
  EXPECT_EQ(sink.status.code(), StatusCode::kInternal);
  EXPECT_TRUE(sink.chunks.empty());
}

// The golden sentence has no name: its first window is "/0".
TEST_F(DeviceFaultsTest, ARequestThatFailsOnAFailingDeviceMayTryAgain) {
  std::vector<BatchOutcome> outcomes;
  executor_.OnBatch([&](const BatchOutcome& outcome) { outcomes.push_back(outcome); });
  synthesizer_->failures["a/0"] = Internal("broken");
  synthesizer_->failures["/0"] = Internal("broken, too");
  RecordingSink sink;
  Submit("a", &sink);
  Settle();
  EXPECT_EQ(sink.ends, 1);
  EXPECT_EQ(sink.status.code(), StatusCode::kUnavailable);
  EXPECT_THAT(std::string(sink.status.message()), HasSubstr("the device has failed: broken; try another"));
  EXPECT_TRUE(sink.status.GetPayload("type.googleapis.com/google.rpc.RetryInfo").has_value());
  ASSERT_EQ(outcomes.size(), 1U);
  EXPECT_EQ(outcomes[0].error.code(), StatusCode::kInternal) << "what the device said";
  EXPECT_FALSE(outcomes[0].speaks);
}

TEST_F(DeviceFaultsTest, ASentenceThatOnlyItsRequestFailsWithIsItsFault) {
  std::vector<BatchOutcome> outcomes;
  executor_.OnBatch([&](const BatchOutcome& outcome) { outcomes.push_back(outcome); });
  synthesizer_->failures["a/1"] = Internal("broken weights");
  RecordingSink sink;
  Submit("a", &sink);
  Settle();
  EXPECT_THAT(synthesizer_->log, ElementsAre("a/0", "a/1", "/0", "/1", "/2"));
  ASSERT_EQ(outcomes.size(), 2U);
  EXPECT_EQ(outcomes[1].error.code(), StatusCode::kInternal);
  EXPECT_TRUE(outcomes[1].speaks) << "or its client could have the device reloaded";
  EXPECT_EQ(sink.status.code(), StatusCode::kInternal);
  EXPECT_FALSE(sink.status.GetPayload("type.googleapis.com/google.rpc.RetryInfo").has_value());
}

TEST_F(DeviceFaultsTest, ABadRequestIsNotHeldAgainstTheDevice) {
  synthesizer_->failures["a/0"] = InvalidArgument("speed: too much");
  RecordingSink sink;
  Submit("a", &sink);
  Settle();
  EXPECT_EQ(sink.status.code(), StatusCode::kInvalidArgument);
  EXPECT_THAT(synthesizer_->log, ElementsAre("a/0"));
}

TEST_F(DeviceFaultsTest, AbandonedJobEndsAtOnceAndWhatItsLaneStillMakesIsLost) {
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
  job.reset();
  EXPECT_EQ(admission_.snapshot().requests, 0);
}

TEST_F(DeviceFaultsTest, StuckLaneIsFoundAndItsJobsEnd) {
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

TEST_F(DeviceFaultsTest, WhenTheOnlyLaneIsStuckWhatWaitsEndsToo) {
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

TEST_F(DeviceFaultsTest, AControlTaskThatHangsIsFoundAndWhatWaitsEnds) {
  RecordingSink waiting;
  Status status = Internal("not yet");
  std::thread caller([&] {
    status = executor_.Run([&] {
      EXPECT_TRUE(executor_.busy());
      Submit("a", &waiting);
      tasks_.RunAll();
      now_ += 31s;
      EXPECT_FALSE(executor_.CheckStalls()) << "a large voice takes longer than a window";
      now_ += 270s;
      EXPECT_TRUE(executor_.CheckStalls());
      tasks_.RunAll();
      EXPECT_EQ(waiting.ends, 1);
      return OkStatus();
    });
  });
  while (!executor_.RunOne()) std::this_thread::yield();
  caller.join();
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_EQ(waiting.status.code(), StatusCode::kUnavailable);
  EXPECT_TRUE(waiting.status.GetPayload("type.googleapis.com/google.rpc.RetryInfo").has_value());
  EXPECT_FALSE(executor_.CheckStalls()) << "the lane is back";
  Settle();
  EXPECT_FALSE(executor_.busy());
  EXPECT_THAT(synthesizer_->log, IsEmpty());
}

TEST_F(DeviceFaultsTest, CancelAllEndsWhatWaitsAndWhatIsSuspended) {
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

TEST_F(DeviceFaultsTest, TellsWhatIsTheFaultOfTheDevice) {
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

TEST_F(BatchFaultsTest, ABatchThatFailsIsOneFailure) {
  int failures = 0;
  executor_.OnBatch([&](const BatchOutcome& outcome) { failures += outcome.error.ok() ? 0 : 1; });
  for (const char* window : {"a/0", "b/0", "c/0", "/0"}) synthesizer_->failures[window] = Internal("broken");
  RecordingSink sinks[3];
  const char* const texts[] = {"a", "b", "c"};
  for (int i = 0; i < 3; ++i) Submit(texts[i], &sinks[i]);
  Settle();
  for (const RecordingSink& sink : sinks) {
    EXPECT_EQ(sink.status.code(), StatusCode::kUnavailable) << "none of them is to blame";
    EXPECT_TRUE(sink.status.GetPayload("type.googleapis.com/google.rpc.RetryInfo").has_value());
  }
  EXPECT_THAT(synthesizer_->log, ElementsAre("a/0+b/0+c/0", "a/0", "/0", "b/0", "/0", "c/0", "/0"));
  EXPECT_EQ(failures, 1);
}

TEST_F(BatchFaultsTest, ASentenceThatCannotBeSpokenDoesNotEndItsNeighbours) {
  int failures = 0;
  executor_.OnBatch([&](const BatchOutcome& outcome) { failures += outcome.error.ok() ? 0 : 1; });
  synthesizer_->failures["b/0"] = Internal("broken");
  RecordingSink sinks[3];
  const char* const texts[] = {"a", "b", "c"};
  for (int i = 0; i < 3; ++i) Submit(texts[i], &sinks[i]);
  Settle();
  EXPECT_TRUE(sinks[0].status.ok()) << sinks[0].status;
  EXPECT_EQ(sinks[1].status.code(), StatusCode::kInternal);
  EXPECT_TRUE(sinks[2].status.ok()) << sinks[2].status;
  EXPECT_THAT(synthesizer_->log,
              ElementsAre("a/0+b/0+c/0", "a/0", "b/0", "/0", "/1", "/2", "c/0", "a/1+c/1", "a/2+c/2"));
  EXPECT_EQ(failures, 0);
}

TEST_F(BatchFaultsTest, OneForWhichMemoryIsShortDoesNotEndItsNeighbours) {
  synthesizer_->failures["b/0"] = Errorf(StatusCode::kResourceExhausted, "out of memory");
  RecordingSink sinks[3];
  const char* const texts[] = {"a", "b", "c"};
  for (int i = 0; i < 3; ++i) Submit(texts[i], &sinks[i]);
  Settle();
  EXPECT_TRUE(sinks[0].status.ok()) << sinks[0].status;
  EXPECT_EQ(sinks[1].status.code(), StatusCode::kResourceExhausted);
  EXPECT_TRUE(sinks[2].status.ok()) << sinks[2].status;
  EXPECT_THAT(synthesizer_->log, ElementsAre("a/0+b/0+c/0", "a/0", "b/0", "c/0", "a/1+c/1", "a/2+c/2"));
  EXPECT_EQ(observer_.out_of_memory, 1);
}

TEST_F(DeviceFaultsTest, AVoiceOfOtherWeightsIsAnother) {
  RecordingSink sink;
  auto known = std::make_shared<Voice>(*KnownVoice());
  known->sha256 = "a";
  const auto job = Start("a", &sink, known);
  auto loaded = std::make_shared<Voice>(*PuppetVoice(synthesizer_));
  loaded->sha256 = "b";
  const Status other = job->SetVoice(loaded);
  EXPECT_EQ(other.code(), StatusCode::kUnavailable) << "its answer would be kept as that of the first";
  EXPECT_TRUE(other.GetPayload("type.googleapis.com/google.rpc.RetryInfo").has_value());
  loaded->sha256 = "a";
  EXPECT_TRUE(job->SetVoice(loaded).ok());
  executor_.Submit(job);
  Settle();
  EXPECT_TRUE(sink.status.ok()) << sink.status;
}

TEST_F(DeviceFaultsTest, AJobWaitsForItsVoice) {
  RecordingSink sink;
  const auto job = Start("a b", &sink, KnownVoice());
  EXPECT_TRUE(job->waits_for_voice());
  Settle();
  EXPECT_GT(frontend_.sentences_read, 0) << "the text is read meanwhile";
  EXPECT_EQ(admission_.snapshot().requests, 1) << "it holds its place";
  ASSERT_TRUE(job->SetVoice(PuppetVoice(synthesizer_)).ok());
  EXPECT_FALSE(job->waits_for_voice());
  executor_.Submit(job);
  Settle();
  EXPECT_TRUE(sink.status.ok()) << sink.status;
  EXPECT_THAT(synthesizer_->log, ElementsAre("a/0", "a/1", "a/2", "b/0", "b/1", "b/2"));
}

TEST_F(DeviceFaultsTest, AJobThatWaitsForItsVoiceCanBeCancelled) {
  RecordingSink sink;
  const auto job = Start("a", &sink, KnownVoice());
  job->Cancel(Errorf(StatusCode::kCancelled, "enough"));
  Settle();
  EXPECT_EQ(sink.ends, 1) << "at once, although no lane knows it";
  EXPECT_EQ(sink.status.code(), StatusCode::kCancelled);
  EXPECT_EQ(admission_.snapshot().audio_seconds, 0.0);
  // The voice comes all the same.
  ASSERT_TRUE(job->SetVoice(PuppetVoice(synthesizer_)).ok());
  executor_.Submit(job);
  Settle();
  EXPECT_EQ(sink.ends, 1);
  EXPECT_THAT(synthesizer_->log, IsEmpty());
}

TEST_F(DeviceFaultsTest, AVoiceThatCannotBeLoadedEndsTheJob) {
  RecordingSink sink;
  const auto job = Start("a", &sink, KnownVoice());
  job->Abandon(DataLoss("model.safetensors is damaged"));
  Settle();
  EXPECT_EQ(sink.ends, 1);
  EXPECT_EQ(sink.status.code(), StatusCode::kDataLoss);
}

TEST_F(DeviceFaultsTest, AVoiceThatHasBecomeAnotherIsNotTaken) {
  RecordingSink sink;
  const auto job = Start("a", &sink, KnownVoice());
  auto other = std::make_shared<Voice>(*PuppetVoice(synthesizer_));
  other->speakers = {"two", "one"};
  const Status status = job->SetVoice(other);
  EXPECT_EQ(status.code(), StatusCode::kUnavailable);
  EXPECT_THAT(std::string(status.message()), HasSubstr("'puppet' has become another one"));
  EXPECT_TRUE(job->waits_for_voice());
}

}  // namespace
}  // namespace m2tts
