#include "server/synthesis/admission.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "google/rpc/error_details.pb.h"

namespace m2tts {
namespace {

using testing::ElementsAre;
using namespace std::chrono_literals;

constexpr TimePoint kNow{1h};

// One second of audio per byte, half a device second per second of audio.
AdmissionOptions Options() {
  AdmissionOptions options;
  options.max_requests = 3;
  options.max_audio_seconds = 100.0;
  options.request_audio_seconds = 50.0;
  options.initial_seconds_per_byte = 1.0;
  options.initial_seconds_per_phoneme = 2.0;
  options.initial_real_time_factor = 0.5;
  return options;
}

double RetrySeconds(const Status& status) {
  const auto payload = status.GetPayload("type.googleapis.com/google.rpc.RetryInfo");
  if (!payload.has_value()) return -1.0;
  google::rpc::RetryInfo info;
  EXPECT_TRUE(info.ParseFromString(std::string(*payload)));
  return info.retry_delay().seconds() + info.retry_delay().nanos() * 1e-9;
}

TEST(AdmissionTest, CountsRequestsAndPredictedAudio) {
  Admission admission(Options());
  {
    const auto ticket = admission.Admit({20, 2.0}, kNow);
    ASSERT_TRUE(ticket.ok());
    EXPECT_EQ(admission.snapshot().requests, 1);
    EXPECT_DOUBLE_EQ(admission.snapshot().audio_seconds, 10.0);
    (*ticket)->Read(8, 5);
    EXPECT_DOUBLE_EQ(admission.snapshot().audio_seconds, 6.0 + 5.0) << "12 bytes and 5 phonemes";
    (*ticket)->Spoken(5);
    EXPECT_DOUBLE_EQ(admission.snapshot().audio_seconds, 6.0);
    (*ticket)->Read(100, 2);  // a range that is no range of the text
    (*ticket)->Spoken(100);
    EXPECT_DOUBLE_EQ(admission.snapshot().audio_seconds, 0.0);
  }
  EXPECT_EQ(admission.snapshot().requests, 0);
  EXPECT_DOUBLE_EQ(admission.snapshot().audio_seconds, 0.0);
}

// What the estimate of arrivals for background jobs is made of.
TEST(AdmissionTest, CountsWhatCameToBeSpokenAndNothingElse) {
  Admission admission(Options());
  EXPECT_EQ(admission.snapshot().admitted, 0);
  (void)admission.Admit({20, 1.0}, kNow);  // its ticket is gone at once: it counts nevertheless
  EXPECT_EQ(admission.snapshot().admitted, 1);
  const auto live = admission.AdmitLive({});
  ASSERT_TRUE(live.ok());
  EXPECT_EQ(admission.snapshot().admitted, 1) << "nothing to say yet";
  (*live)->Extend(5);
  EXPECT_EQ(admission.snapshot().admitted, 2);
  admission.Close();
  EXPECT_FALSE(admission.Admit({20, 1.0}, kNow).ok());
  EXPECT_EQ(admission.snapshot().admitted, 2) << "a refused one is not there to be spoken";
}

TEST(AdmissionTest, RefusesTooManyRequestsWithTheTimeThatOneNeeds) {
  std::vector<std::string> reasons;
  Admission admission(Options(), [&reasons](const char* reason) { reasons.push_back(reason); });
  std::vector<std::unique_ptr<Admission::Ticket>> tickets;
  for (int i = 0; i < 3; ++i) tickets.push_back(*admission.Admit({10, 1.0}, kNow));
  const auto refused = admission.Admit({10, 1.0}, kNow);
  EXPECT_EQ(refused.status().code(), StatusCode::kResourceExhausted);
  EXPECT_NEAR(RetrySeconds(refused.status()), 10.0 * 0.5, 1e-6);
  EXPECT_THAT(reasons, ElementsAre("requests"));
  tickets.pop_back();
  EXPECT_TRUE(admission.Admit({10, 1.0}, kNow).ok());
}

TEST(AdmissionTest, RefusesTooMuchAudioWithTheTimeOfTheExcess) {
  Admission admission(Options());
  const auto first = admission.Admit({50, 1.0}, kNow);
  const auto second = admission.Admit({40, 1.0}, kNow);
  const auto refused = admission.Admit({30, 1.0}, kNow);
  EXPECT_EQ(refused.status().code(), StatusCode::kResourceExhausted);
  EXPECT_NEAR(RetrySeconds(refused.status()), 20.0 * 0.5, 1e-6);
  EXPECT_TRUE(admission.Admit({10, 1.0}, kNow).ok());
}

TEST(AdmissionTest, LongTextCountsOnlyItsShareSoThatOthersGetIn) {
  Admission admission(Options());
  const auto book = admission.Admit({100000, 1.0}, kNow);
  ASSERT_TRUE(book.ok());
  EXPECT_DOUBLE_EQ(admission.snapshot().audio_seconds, 50.0);
  (*book)->Read(1000, 900);
  (*book)->Spoken(900);
  EXPECT_DOUBLE_EQ(admission.snapshot().audio_seconds, 50.0);
  EXPECT_TRUE(admission.Admit({40, 1.0}, kNow).ok());
}

TEST(AdmissionTest, RetryDelayHasBounds) {
  AdmissionOptions options = Options();
  options.max_requests = 1;
  Admission admission(options);
  const auto tiny = admission.Admit({1, 4.0}, kNow);
  (*tiny)->Read(1, 0);
  EXPECT_NEAR(RetrySeconds(admission.Admit({1, 1.0}, kNow).status()), 0.1, 1e-6);
}

TEST(AdmissionTest, RefusesWhatWouldMissItsDeadline) {
  Admission admission(Options());
  admission.RecordDevice(5.0, 10.0);
  EXPECT_TRUE(admission.Admit({10, 1.0, Priority::kNormal, kNow + 6s}, kNow).ok());
  EXPECT_EQ(admission.Admit({10, 1.0, Priority::kNormal, kNow + 4s}, kNow).status().code(),
            StatusCode::kDeadlineExceeded);
}

TEST(AdmissionTest, WithoutMeasurementOnlyAPassedDeadlineRefuses) {
  Admission admission(Options());
  EXPECT_TRUE(admission.Admit({40, 1.0, Priority::kNormal, kNow + 1s}, kNow).ok());
  EXPECT_EQ(admission.Admit({1, 1.0, Priority::kNormal, kNow - 1s}, kNow).status().code(),
            StatusCode::kDeadlineExceeded);
}

TEST(AdmissionTest, LearnsFromWhatWasMeasured) {
  Admission admission(Options());
  for (int i = 0; i < 200; ++i) {
    const auto ticket = admission.Admit({100, 2.0}, kNow);
    ASSERT_TRUE(ticket.ok());
    (*ticket)->Read(100, 50);
    (*ticket)->Completed(5.0);  // 0.1 s per byte at speed 1, 0.2 s per phoneme
    admission.RecordDevice(0.01, 1.0);
  }
  EXPECT_NEAR(admission.Predict(100, 1.0), 10.0, 0.1);
  EXPECT_NEAR(admission.snapshot().real_time_factor, 0.01, 1e-4);
  const auto read = admission.Admit({100, 1.0}, kNow);
  (*read)->Read(100, 80);
  EXPECT_NEAR(admission.snapshot().audio_seconds, 80 * 0.2, 0.1);
}

// The listener has cut it short, which says nothing about how long texts are.
TEST(AdmissionTest, WhatAnInterruptDropsIsNeitherWaitedForNorLearntFrom) {
  Admission admission(Options());
  const auto live = admission.AdmitLive({500, 1.0});
  EXPECT_DOUBLE_EQ(admission.snapshot().audio_seconds, 0.0);
  (*live)->Extend(40);
  (*live)->Read(10, 3);
  EXPECT_DOUBLE_EQ(admission.snapshot().audio_seconds, 30.0 + 6.0);
  (*live)->Drop();
  EXPECT_DOUBLE_EQ(admission.snapshot().audio_seconds, 0.0);
  (*live)->Extend(25);
  (*live)->Read(50, 4);
  EXPECT_DOUBLE_EQ(admission.snapshot().audio_seconds, 15.0 + 8.0);
  (*live)->Completed(1.0);
  EXPECT_DOUBLE_EQ(admission.Predict(100, 1.0), 100.0);
}

TEST(AdmissionTest, AReaderThatLagsKeepsNobodyWaiting) {
  Admission admission(Options());
  admission.RecordDevice(5.0, 10.0);
  const auto first = admission.Admit({50, 1.0}, kNow);
  const auto second = admission.Admit({50, 1.0}, kNow);
  EXPECT_FALSE(admission.Admit({10, 1.0}, kNow).ok());
  EXPECT_FALSE(admission.Admit({10, 1.0, Priority::kNormal, kNow + 10s}, kNow).ok());
  (*first)->Suspend(true);
  (*second)->Suspend(true);
  EXPECT_DOUBLE_EQ(admission.snapshot().audio_seconds, 0.0);
  EXPECT_TRUE(admission.Admit({10, 1.0, Priority::kNormal, kNow + 10s}, kNow).ok());
  (*first)->Suspend(false);
  EXPECT_DOUBLE_EQ(admission.snapshot().audio_seconds, 50.0);
}

// As the scheduler does.
TEST(AdmissionTest, ADeadlineIsJudgedByWhatGoesBefore) {
  Admission admission(Options());
  admission.RecordDevice(5.0, 10.0);
  const auto without = admission.Admit({30, 1.0}, kNow);
  const auto bulk = admission.Admit({30, 1.0, Priority::kBulk, kNow + 1h}, kNow);
  ASSERT_TRUE(without.ok() && bulk.ok());
  const auto judge = [&admission](Priority priority, TimePoint deadline) {
    return admission.Admit({10, 1.0, priority, deadline}, kNow).status().code();
  };
  EXPECT_EQ(judge(Priority::kNormal, kNow + 6s), StatusCode::kOk);
  EXPECT_EQ(judge(Priority::kNormal, kNow + 4s), StatusCode::kDeadlineExceeded) << "it needs 5 s by itself";
  EXPECT_EQ(judge(Priority::kBulk, kNow + 6s), StatusCode::kDeadlineExceeded);
  EXPECT_EQ(judge(Priority::kBulk, kNow + 21s), StatusCode::kOk);
}

TEST(AdmissionTest, ClosedAdmitsNothing) {
  Admission admission(Options());
  admission.Close();
  EXPECT_EQ(admission.Admit({1, 1.0}, kNow).status().code(), StatusCode::kUnavailable);
}

}  // namespace
}  // namespace m2tts
