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
    const auto ticket = admission.Admit(20, 2.0, std::nullopt, kNow);
    ASSERT_TRUE(ticket.ok());
    EXPECT_EQ(admission.snapshot().requests, 1);
    EXPECT_DOUBLE_EQ(admission.snapshot().audio_seconds, 10.0);
    (*ticket)->Produced(4.0);
    EXPECT_DOUBLE_EQ(admission.snapshot().audio_seconds, 6.0);
    (*ticket)->Produced(40.0);  // longer than predicted
    EXPECT_DOUBLE_EQ(admission.snapshot().audio_seconds, 0.0);
  }
  EXPECT_EQ(admission.snapshot().requests, 0);
  EXPECT_DOUBLE_EQ(admission.snapshot().audio_seconds, 0.0);
}

// What the estimate of arrivals for background jobs is made of.
TEST(AdmissionTest, CountsWhatCameToBeSpokenAndNothingElse) {
  Admission admission(Options());
  EXPECT_EQ(admission.snapshot().admitted, 0);
  (void)admission.Admit(20, 1.0, std::nullopt, kNow);  // its ticket is gone at once: it counts nevertheless
  EXPECT_EQ(admission.snapshot().admitted, 1);
  const auto live = admission.AdmitLive(1.0);
  ASSERT_TRUE(live.ok());
  EXPECT_EQ(admission.snapshot().admitted, 1) << "nothing to say yet";
  (*live)->Extend(5);
  EXPECT_EQ(admission.snapshot().admitted, 2);
  admission.Close();
  EXPECT_FALSE(admission.Admit(20, 1.0, std::nullopt, kNow).ok());
  EXPECT_EQ(admission.snapshot().admitted, 2) << "a refused one is not there to be spoken";
}

TEST(AdmissionTest, RefusesTooManyRequestsWithTheTimeThatOneNeeds) {
  std::vector<std::string> reasons;
  Admission admission(Options(), [&reasons](const char* reason) { reasons.push_back(reason); });
  std::vector<std::unique_ptr<Admission::Ticket>> tickets;
  for (int i = 0; i < 3; ++i) tickets.push_back(*admission.Admit(10, 1.0, std::nullopt, kNow));
  const auto refused = admission.Admit(10, 1.0, std::nullopt, kNow);
  EXPECT_EQ(refused.status().code(), StatusCode::kResourceExhausted);
  EXPECT_NEAR(RetrySeconds(refused.status()), 10.0 * 0.5, 1e-6);
  EXPECT_THAT(reasons, ElementsAre("requests"));
  tickets.pop_back();
  EXPECT_TRUE(admission.Admit(10, 1.0, std::nullopt, kNow).ok());
}

TEST(AdmissionTest, RefusesTooMuchAudioWithTheTimeOfTheExcess) {
  Admission admission(Options());
  const auto first = admission.Admit(50, 1.0, std::nullopt, kNow);
  const auto second = admission.Admit(40, 1.0, std::nullopt, kNow);
  const auto refused = admission.Admit(30, 1.0, std::nullopt, kNow);
  EXPECT_EQ(refused.status().code(), StatusCode::kResourceExhausted);
  EXPECT_NEAR(RetrySeconds(refused.status()), 20.0 * 0.5, 1e-6);
  EXPECT_TRUE(admission.Admit(10, 1.0, std::nullopt, kNow).ok());
}

TEST(AdmissionTest, LongTextCountsOnlyItsShareSoThatOthersGetIn) {
  Admission admission(Options());
  const auto book = admission.Admit(100000, 1.0, std::nullopt, kNow);
  ASSERT_TRUE(book.ok());
  EXPECT_DOUBLE_EQ(admission.snapshot().audio_seconds, 50.0);
  (*book)->Produced(1000.0);
  EXPECT_DOUBLE_EQ(admission.snapshot().audio_seconds, 50.0);
  EXPECT_TRUE(admission.Admit(40, 1.0, std::nullopt, kNow).ok());
}

TEST(AdmissionTest, RetryDelayHasBounds) {
  AdmissionOptions options = Options();
  options.max_requests = 1;
  Admission admission(options);
  const auto tiny = admission.Admit(1, 4.0, std::nullopt, kNow);
  (*tiny)->Produced(1.0);
  EXPECT_NEAR(RetrySeconds(admission.Admit(1, 1.0, std::nullopt, kNow).status()), 0.1, 1e-6);
}

TEST(AdmissionTest, RefusesWhatWouldMissItsDeadline) {
  Admission admission(Options());
  admission.RecordDevice(5.0, 10.0);
  EXPECT_TRUE(admission.Admit(10, 1.0, kNow + 6s, kNow).ok());
  EXPECT_EQ(admission.Admit(10, 1.0, kNow + 4s, kNow).status().code(), StatusCode::kDeadlineExceeded);
}

TEST(AdmissionTest, WithoutMeasurementOnlyAPassedDeadlineRefuses) {
  Admission admission(Options());
  EXPECT_TRUE(admission.Admit(40, 1.0, kNow + 1s, kNow).ok());
  EXPECT_EQ(admission.Admit(1, 1.0, kNow - 1s, kNow).status().code(), StatusCode::kDeadlineExceeded);
}

TEST(AdmissionTest, LearnsFromWhatWasMeasured) {
  Admission admission(Options());
  for (int i = 0; i < 200; ++i) {
    const auto ticket = admission.Admit(100, 2.0, std::nullopt, kNow);
    ASSERT_TRUE(ticket.ok());
    (*ticket)->Produced(5.0);  // 0.1 s per byte at speed 1
    (*ticket)->Completed();
    admission.RecordDevice(0.01, 1.0);
  }
  EXPECT_NEAR(admission.Predict(100, 1.0), 10.0, 0.1);
  EXPECT_NEAR(admission.snapshot().real_time_factor, 0.01, 1e-4);
}

TEST(AdmissionTest, ClosedAdmitsNothing) {
  Admission admission(Options());
  admission.Close();
  EXPECT_EQ(admission.Admit(1, 1.0, std::nullopt, kNow).status().code(), StatusCode::kUnavailable);
}

}  // namespace
}  // namespace m2tts
