#include "server/synthesis/admission.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "google/rpc/error_details.pb.h"

namespace m2tts {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
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

TEST(AdmissionTest, RetryDelayIsAMinuteAtMost) {
  AdmissionOptions options = Options();
  options.max_requests = 1;
  options.max_audio_seconds = options.request_audio_seconds = 1e6;
  Admission admission(options);
  const auto book = admission.Admit({1000, 1.0}, kNow);  // 500 s of work
  ASSERT_TRUE(book.ok());
  EXPECT_NEAR(RetrySeconds(admission.Admit({1, 1.0}, kNow).status()), 60.0, 1e-6);
}

TEST(AdmissionTest, RefusesTooManyLiveAnswers) {
  AdmissionOptions options = Options();
  options.max_live = 2;
  std::vector<std::string> reasons;
  Admission admission(options, [&reasons](const char* reason) { reasons.push_back(reason); });
  auto first = admission.AdmitLive({});
  const auto second = admission.AdmitLive({});
  ASSERT_TRUE(first.ok() && second.ok());
  const auto refused = admission.AdmitLive({});
  EXPECT_EQ(refused.status().code(), StatusCode::kResourceExhausted);
  EXPECT_THAT(std::string(refused.status().message()),
              HasSubstr("2 live answers are open, the most allowed"));
  EXPECT_NEAR(RetrySeconds(refused.status()), 5.0, 1e-6);
  EXPECT_THAT(reasons, ElementsAre("live"));
  EXPECT_EQ(admission.snapshot().requests, 0);
  EXPECT_TRUE(admission.Admit({10, 1.0}, kNow).ok()) << "live answers take no places of requests";

  first->reset();
  const auto third = admission.AdmitLive({});
  EXPECT_TRUE(third.ok()) << "a place that was left is free again";
  admission.SetLimits(options.max_requests, 1, options.max_audio_seconds);
  EXPECT_FALSE(admission.AdmitLive({}).ok());
  admission.SetLimits(options.max_requests, 3, options.max_audio_seconds);
  EXPECT_TRUE(admission.AdmitLive({}).ok());
}

TEST(AdmissionTest, RefusesWhatWouldMissItsDeadline) {
  Admission admission(Options());
  admission.RecordDevice(5.0, 10.0);
  EXPECT_TRUE(admission.Admit({10, 1.0, Priority::kNormal, kNow + 6s}, kNow).ok());
  EXPECT_EQ(admission.Admit({10, 1.0, Priority::kNormal, kNow + 4s}, kNow).status().code(),
            StatusCode::kDeadlineExceeded);
}

TEST(AdmissionTest, ALateRequestIsToldWhenTheQueueIsShortEnough) {
  Admission admission(Options());
  admission.RecordDevice(5.0, 10.0);
  const auto before = admission.Admit({40, 1.0}, kNow);
  ASSERT_TRUE(before.ok());
  const auto refused = [&admission](TimePoint deadline) {
    const auto ticket = admission.Admit({10, 1.0, Priority::kNormal, deadline}, kNow);
    EXPECT_EQ(ticket.status().code(), StatusCode::kDeadlineExceeded);
    return RetrySeconds(ticket.status());
  };
  const auto first = admission.Admit({20, 1.0, Priority::kInteractive}, kNow);
  ASSERT_TRUE(first.ok());
  EXPECT_NEAR(refused(kNow + 9s), 15.0 - 9.0, 1e-6) << "20 s before it, and 10 s of its own, at half of that";
  EXPECT_EQ(refused(kNow + 4s), -1.0) << "it needs 5 s by itself: later is no better";
  EXPECT_EQ(refused(kNow - 1s), -1.0);
}

// A machine that was suspended, or swapped, for half a minute in the middle of a window.
TEST(AdmissionTest, OneFrozenWindowRefusesNobodyAfterwards) {
  Admission admission(Options());
  admission.RecordDevice(0.05, 10.0);
  const double before = admission.snapshot().real_time_factor;
  admission.RecordDevice(35.0, 0.28);
  EXPECT_GT(admission.snapshot().real_time_factor, before);
  EXPECT_LT(admission.snapshot().real_time_factor, 2.0 * before);
  EXPECT_TRUE(admission.Admit({100, 1.0, Priority::kNormal, kNow + 5s}, kNow).ok());
  // What stays slow is believed in the end.
  for (int i = 0; i < 100; ++i) admission.RecordDevice(5.0, 10.0);
  EXPECT_NEAR(admission.snapshot().real_time_factor, 0.5, 0.05);
}

TEST(AdmissionTest, TheLeastPredictionDoesNotFollowWhatOthersSay) {
  Admission admission(Options());
  EXPECT_DOUBLE_EQ(admission.PredictLeast(100, 2.0), 100 * 1.0 / 4.0 / 2.0);
  for (int i = 0; i < 200; ++i) {
    auto ticket = admission.Admit({20, 1.0}, kNow);
    ASSERT_TRUE(ticket.ok());
    (*ticket)->Completed(200.0);
  }
  EXPECT_GT(admission.Predict(100, 2.0), 150.0);
  EXPECT_DOUBLE_EQ(admission.PredictLeast(100, 2.0), 100 * 1.0 / 4.0 / 2.0);
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
    (*ticket)->Completed(20.0);  // 0.4 s per byte at speed 1, 0.8 s per phoneme
    admission.RecordDevice(0.01, 1.0);
  }
  EXPECT_NEAR(admission.Predict(100, 1.0), 40.0, 0.1);
  EXPECT_NEAR(admission.snapshot().real_time_factor, 0.01, 1e-4);
  const auto read = admission.Admit({100, 1.0}, kNow);
  (*read)->Read(100, 40);
  EXPECT_NEAR(admission.snapshot().audio_seconds, 40 * 0.8, 0.1);
}

// A client decides what its texts are, but not by much what others are told of theirs.
TEST(AdmissionTest, NoClientMovesThePredictionsFar) {
  AdmissionOptions options = Options();
  options.request_audio_seconds = 1e6;
  options.max_audio_seconds = 1e6;
  Admission admission(options);
  const auto complete = [&admission](double seconds) {
    for (int i = 0; i < 200; ++i) {
      const auto ticket = admission.Admit({100, 1.0}, kNow);
      ASSERT_TRUE(ticket.ok());
      (*ticket)->Read(100, 50);
      (*ticket)->Completed(seconds);
    }
  };
  const auto of_phonemes = [&admission] {
    const auto ticket = admission.Admit({100, 1.0}, kNow);
    (*ticket)->Read(100, 10);
    return admission.snapshot().audio_seconds;
  };
  complete(1e6);
  EXPECT_DOUBLE_EQ(admission.Predict(100, 1.0), 4 * 100.0);
  EXPECT_DOUBLE_EQ(of_phonemes(), 4 * 20.0);
  complete(0.0);
  EXPECT_DOUBLE_EQ(admission.Predict(100, 1.0), 100.0 / 4);
  EXPECT_DOUBLE_EQ(of_phonemes(), 20.0 / 4);
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
  const auto refused = admission.Admit({1, 1.0}, kNow);
  EXPECT_EQ(refused.status().code(), StatusCode::kUnavailable);
  EXPECT_GT(RetrySeconds(refused.status()), 0.0);
}

TEST(AdmissionTest, ClosedOpensNoLiveAnswer) {
  std::vector<std::string> reasons;
  Admission admission(Options(), [&reasons](const char* reason) { reasons.push_back(reason); });
  admission.Close();
  const auto refused = admission.AdmitLive({});
  EXPECT_EQ(refused.status().code(), StatusCode::kUnavailable);
  EXPECT_NEAR(RetrySeconds(refused.status()), 1.0, 1e-6);
  EXPECT_THAT(reasons, ElementsAre("draining"));
}

// A thousand seconds, one per byte.
class LiveRoomTest : public testing::Test {
 protected:
  static AdmissionOptions Large() {
    AdmissionOptions options = Options();
    options.max_audio_seconds = options.request_audio_seconds = 1000.0;
    return options;
  }
  std::unique_ptr<Admission::Ticket> Open() {
    auto ticket = admission_.AdmitLive({});
    EXPECT_TRUE(ticket.ok());
    return *std::move(ticket);
  }

  Admission admission_{Large()};
};

TEST_F(LiveRoomTest, LiveAnswersTakeHalfOfTheQueueAndPiecesOfOneThatIsDryMore) {
  const auto a = Open(), b = Open(), c = Open();
  EXPECT_EQ(a->Room(400), 400U);
  a->Extend(400);
  EXPECT_EQ(b->Room(100), 100U);
  EXPECT_EQ(b->Room(600), 256U) << "it would be over the half: a piece, as it has nothing to say";
  b->Extend(256);
  EXPECT_EQ(b->Room(10), 0U) << "it has";
  EXPECT_EQ(c->Room(300), 0U) << "three quarters are full";
  EXPECT_TRUE(admission_.Admit({300, 1.0}, kNow).ok()) << "others find room";
  a->Read(400, 0);
  EXPECT_EQ(c->Room(200), 200U);
}

TEST_F(LiveRoomTest, OthersCountToo) {
  const auto request = admission_.Admit({900, 1.0}, kNow);
  ASSERT_TRUE(request.ok());
  const auto live = Open();
  EXPECT_EQ(live->Room(100), 100U);
  EXPECT_EQ(live->Room(101), 0U);
  (*request)->Suspend(true);
  EXPECT_EQ(live->Room(101), 101U) << "nothing is done for it";
}

TEST_F(LiveRoomTest, WhereNobodyElseIsThereIsAlwaysRoom) {
  admission_.SetLimits(1, 1, 10.0);
  const auto live = Open();
  EXPECT_EQ(live->Room(4), 4U);
  EXPECT_EQ(live->Room(5000), 256U);
  live->Extend(256);
  EXPECT_EQ(live->Room(5000), 0U);
  live->Read(256, 3);
  live->Spoken(3);
  EXPECT_EQ(live->Room(5000), 256U);
}

TEST_F(LiveRoomTest, WhatIsLeftToSayIsToldWhileItIsWorkedFor) {
  const auto live = Open();
  live->Extend(30);
  live->Read(20, 4);
  EXPECT_DOUBLE_EQ(live->audio_seconds(), 10.0 + 8.0);
  live->Suspend(true);
  EXPECT_DOUBLE_EQ(live->audio_seconds(), 0.0);
}

}  // namespace
}  // namespace m2tts
