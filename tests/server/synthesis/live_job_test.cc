// Live answers as jobs of the device, and what else a job says of its text.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include "server/base/status_details.h"
#include "server/synthesis/live_text.h"
#include "tests/server/synthesis/executor_fixture.h"

namespace m2tts {
namespace {

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

TEST_F(LiveJobTest, AnEventIsNoAudio) {
  Open();
  text_->Append("", true);
  Settle();
  EXPECT_EQ(events(), 1U);
  EXPECT_EQ(observer_.first_audios, 0);
  now_ += std::chrono::milliseconds(1);
  Say("one two three four five six");  // more than the resampler holds back
  Settle();
  EXPECT_EQ(observer_.first_audios, 1);
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
#ifdef __SANITIZE_ADDRESS__
  GTEST_SKIP() << "the undefined-behaviour sanitizer beside it opens a pipe to look at an object's class";
#endif
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

// A dialogue may last for days.
TEST_F(LiveJobTest, TheNormalizedTextOfALongAnswerEndsWithAWarning) {
  Open();
  const std::string sentence(1000, 'a');
  for (int i = 0; i < 100; ++i) {
    Say(sentence + ". ");
    Settle();
  }
  text_->End();
  Settle();
  ASSERT_EQ(sink_.ends, 1);
  EXPECT_GT(sink_.report.normalized.size(), 60'000u);
  EXPECT_LE(sink_.report.normalized.size(), 65'536u);
  ASSERT_FALSE(sink_.report.warnings.empty());
  EXPECT_NE(sink_.report.warnings.back().message.find("ends here"), std::string::npos);
}

// The end of an answer comes with its last window, and not with another turn.
TEST_F(LiveJobTest, AnAnswerEndsWithItsLastWindow) {
  inline_text_bytes_ = 1000;
  const auto job = Submit("one two", &sink_);
  int turns = 0;
  while (sink_.ends == 0 && turns < 100) {
    ASSERT_TRUE(executor_.RunOne());
    ++turns;
    tasks_.RunAll();
  }
  EXPECT_EQ(sink_.ends, 1);
  EXPECT_EQ(static_cast<size_t>(turns), synthesizer_->log.size()) << "a window each";
}

// A lane that was stuck says nothing about how fast the device is.
TEST_F(LiveJobTest, AWindowOfAnAbandonedAnswerIsNotMeasured) {
  inline_text_bytes_ = 1000;
  const auto job = Submit("one two three four five six", &sink_);
  ASSERT_EQ(job->Prepare(), SynthesisJob::Step::kWindow);
  job->Abandon(Errorf(StatusCode::kUnavailable, "the device does not answer"));
  const int before = observer_.windows;
  job->Deliver(std::vector<float>(100, 0.0F), 35.0);
  EXPECT_EQ(observer_.windows, before);
  Settle();
  EXPECT_EQ(sink_.ends, 1);
}

}  // namespace
}  // namespace m2tts
