// A device that fails or hangs: the real daemon says so, loses nobody's call, and comes back by itself.
#include <gmock/gmock.h>
#include <google/rpc/error_details.pb.h>
#include <google/rpc/status.pb.h>
#include <gtest/gtest.h>

#include "grpc/health/v1/health.grpc.pb.h"
#include "tests/integration/daemon.h"

namespace m2tts {
namespace {

using grpc::StatusCode;
using testing::HasSubstr;
using Health = grpc::health::v1::HealthCheckResponse;

constexpr char kShort[] = "Is anybody there?";

// Follows the health service.
class HealthWatch {
 public:
  explicit HealthWatch(const DaemonUnderTest& daemon)
      : stub_(grpc::health::v1::Health::NewStub(daemon.NewChannel())) {
    context_.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(60));
    reader_ = stub_->Watch(&context_, {});
  }
  ~HealthWatch() { context_.TryCancel(); }
  // Waits until this is told; false when it is not within a minute.
  bool WaitFor(Health::ServingStatus status) {
    Health response;
    while (reader_->Read(&response)) {
      if (response.status() == status) return true;
    }
    return false;
  }

 private:
  const std::unique_ptr<grpc::health::v1::Health::Stub> stub_;
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReader<Health>> reader_;
};

double RetrySeconds(const grpc::Status& status) {
  google::rpc::Status details;
  if (!details.ParseFromString(status.error_details())) return -1.0;
  for (const auto& detail : details.details()) {
    google::rpc::RetryInfo retry;
    if (detail.UnpackTo(&retry)) {
      return static_cast<double>(retry.retry_delay().seconds()) + 1e-9 * retry.retry_delay().nanos();
    }
  }
  return -1.0;
}

class RecoveryTest : public testing::Test {
 protected:
  // One voice and one lane: batches then are counted as they are sent.
  void Start(const std::string& fault, const std::string& device = "", const std::string& more = "") {
    CopyVoice("en_US-slt", dir_ / "voices", "a");
    daemon_ = std::make_unique<DaemonUnderTest>(
        "voices: {folder: " + (dir_ / "voices").string() + "}\ndevice: {threads: 1, lanes: 1" + device +
            "}\n" + more,
        std::map<std::string, std::string>{{"M2TTS_FAULT_INJECTION", fault}});
    ASSERT_TRUE(daemon_->ready());
    health_ = std::make_unique<HealthWatch>(*daemon_);
    ASSERT_TRUE(health_->WaitFor(Health::SERVING));
  }
  StreamResult Speak() { return Stream(&daemon_->synthesizer(), Request(kShort)); }
  // Until the device begins to fail; what was heard last.
  grpc::Status SpeakUntilItFails(std::string* audio) {
    for (int i = 0; i < 60; ++i) {
      const StreamResult result = Speak();
      if (!result.status.ok()) return result.status;
      *audio = result.audio;
    }
    ADD_FAILURE() << "the fault did not come";
    return grpc::Status::OK;
  }
  // Goes on while the device has failed and nothing is done about it; how many requests it took with it.
  int FailUntilItRecovers(grpc::Status* status) {
    int failed = 0;
    for (; !status->ok() && failed < 10; ++failed) {
      if (status->error_message().find("being recovered") != std::string::npos) break;
      EXPECT_EQ(status->error_code(), StatusCode::UNAVAILABLE) << status->error_message();
      EXPECT_THAT(status->error_message(), HasSubstr("the device has failed: "));
      EXPECT_GT(RetrySeconds(*status), 0.0);
      *status = Speak().status;
    }
    return failed;
  }
  v1::ServerStatus Status() {
    grpc::ClientContext context;
    v1::ServerStatus status;
    EXPECT_TRUE(daemon_->admin().GetStatus(&context, {}, &status).ok());
    return status;
  }

  const TempDir dir_;
  std::unique_ptr<DaemonUnderTest> daemon_;
  std::unique_ptr<HealthWatch> health_;
};

TEST_F(RecoveryTest, AFailingDeviceIsReloadedUntilItSpeaks) {
  // Three failures of requests, each with one of the golden sentence after it, and two of attempts; the third
  // attempt goes well.
  Start("device_error:60-67");
  // Inside, and without need of the device for now.
  grpc::ClientContext live_context;
  const auto live = daemon_->synthesizer().SynthesizeLive(&live_context);
  v1::SynthesizeLiveRequest first;
  *first.mutable_config() = Request("");
  first.set_flush(true);
  v1::SynthesizeStreamResponse message;
  ASSERT_TRUE(live->Write(first) && live->Read(&message) && message.has_header());

  std::string before;
  grpc::Status status = SpeakUntilItFails(&before);
  ASSERT_FALSE(before.empty());
  EXPECT_THAT(status.error_message(), HasSubstr("the device fails"));
  EXPECT_EQ(FailUntilItRecovers(&status), 3);
  EXPECT_EQ(status.error_code(), StatusCode::UNAVAILABLE) << status.error_message();
  EXPECT_THAT(status.error_message(), HasSubstr("being recovered"));
  EXPECT_GT(RetrySeconds(status), 0.0);

  ASSERT_TRUE(health_->WaitFor(Health::NOT_SERVING));
  EXPECT_EQ(Status().state(), v1::SERVER_STATE_RECOVERING);
  EXPECT_EQ(daemon_->HttpGet("/readyz"), "");
  EXPECT_EQ(daemon_->HttpGet("/healthz"), "ok\n");
  EXPECT_EQ(daemon_->Metric("m2tts_ready"), 0.0);
  EXPECT_EQ(Speak().status.error_code(), StatusCode::UNAVAILABLE);
  while (live->Read(&message)) {
  }
  const grpc::Status cut = live->Finish();
  EXPECT_EQ(cut.error_code(), StatusCode::UNAVAILABLE) << cut.error_message();
  EXPECT_GT(RetrySeconds(cut), 0.0);

  ASSERT_TRUE(health_->WaitFor(Health::SERVING)) << daemon_->process().Errors();
  const StreamResult after = Speak();
  ASSERT_TRUE(after.status.ok()) << after.status.error_message();
  EXPECT_EQ(after.audio, before);
  const v1::ServerStatus told = Status();
  EXPECT_EQ(told.state(), v1::SERVER_STATE_SERVING);
  EXPECT_EQ(told.device().failures(), 3);
  EXPECT_EQ(told.device().recoveries(), 1);
  EXPECT_EQ(told.device().failed_recoveries(), 2);
  EXPECT_THAT(told.device().last_error(), HasSubstr("the device fails"));
  EXPECT_EQ(daemon_->Metric("m2tts_ready"), 1.0);
  EXPECT_EQ(daemon_->Metric("m2tts_device_failures_total"), 3.0);
  EXPECT_EQ(daemon_->Metric("m2tts_device_recoveries_total"), 1.0);
  EXPECT_EQ(daemon_->Metric("m2tts_device_recovery_failures_total"), 2.0);
  EXPECT_GE(daemon_->Metric("m2tts_rejections_total{reason=\"device\"}"), 1.0);
  EXPECT_TRUE(daemon_->WaitIdle());
}

TEST_F(RecoveryTest, ADeviceThatComputesNanIsReloadedLikeOneThatFails) {
  Start("device_nan:60-65");
  std::string before;
  grpc::Status status = SpeakUntilItFails(&before);
  EXPECT_THAT(status.error_message(), HasSubstr("is not a finite number"));
  EXPECT_EQ(FailUntilItRecovers(&status), 3);
  ASSERT_TRUE(health_->WaitFor(Health::NOT_SERVING));
  ASSERT_TRUE(health_->WaitFor(Health::SERVING)) << daemon_->process().Errors();
  const StreamResult after = Speak();
  ASSERT_TRUE(after.status.ok()) << after.status.error_message();
  EXPECT_EQ(after.audio, before);
  EXPECT_EQ(Status().device().failures(), 3);
  EXPECT_EQ(Status().device().recoveries(), 1);
  EXPECT_THAT(Status().device().last_error(), HasSubstr("is not a finite number"));
}

TEST_F(RecoveryTest, ADeviceThatHangsIsRecoveredWhenItAnswers) {
  Start("device_stall:60-4", ", stall_seconds: 1");
  std::string before;
  const grpc::Status stuck = SpeakUntilItFails(&before);
  EXPECT_EQ(stuck.error_code(), StatusCode::UNAVAILABLE) << stuck.error_message();
  EXPECT_THAT(stuck.error_message(), HasSubstr("does not answer"));
  EXPECT_GT(RetrySeconds(stuck), 0.0);
  ASSERT_TRUE(health_->WaitFor(Health::NOT_SERVING));
  EXPECT_EQ(Speak().status.error_code(), StatusCode::UNAVAILABLE);
  ASSERT_TRUE(health_->WaitFor(Health::SERVING)) << daemon_->process().Errors();
  const StreamResult after = Speak();
  ASSERT_TRUE(after.status.ok()) << after.status.error_message();
  EXPECT_EQ(after.audio, before);
  EXPECT_EQ(Status().device().recoveries(), 1);
  EXPECT_EQ(Status().device().failures(), 0) << "it only took its time";
}

TEST_F(RecoveryTest, ADeviceThatHangsForGoodDoesNotKeepTheDaemon) {
  Start("device_stall:60-3600", ", stall_seconds: 1");
  std::string before;
  EXPECT_EQ(SpeakUntilItFails(&before).error_code(), StatusCode::UNAVAILABLE);
  daemon_->process().Signal(SIGTERM);
  EXPECT_EQ(daemon_->process().Wait(10.0), 0) << daemon_->process().Errors();
}

// Its supervisor starts it anew, where that is not told to be a success.
TEST_F(RecoveryTest, ADaemonThatCannotServeEndsAsAFailure) {
  Start("device_stall:60-3600", ", stall_seconds: 1", "give_up_seconds: 1.5");
  std::string before;
  EXPECT_EQ(SpeakUntilItFails(&before).error_code(), StatusCode::UNAVAILABLE);
  EXPECT_EQ(daemon_->process().Wait(20.0), 1) << daemon_->process().Errors();
  EXPECT_THAT(daemon_->process().Errors(), HasSubstr("has not served for 1.5 s (give_up_seconds)"));
}

// The second batch is the golden sentence, and so is the fourth.
TEST_F(RecoveryTest, TwoFailuresInARowAreNoReasonToStop) {
  Start("device_error:60-63");
  std::string before;
  const grpc::Status first = SpeakUntilItFails(&before), second = Speak().status;
  EXPECT_EQ(first.error_code(), StatusCode::UNAVAILABLE) << first.error_message();
  EXPECT_GT(RetrySeconds(first), 0.0);
  EXPECT_EQ(second.error_code(), StatusCode::UNAVAILABLE) << second.error_message();
  const StreamResult after = Speak();
  EXPECT_TRUE(after.status.ok()) << after.status.error_message();
  EXPECT_EQ(after.audio, before);
  EXPECT_EQ(Status().device().failures(), 2);
  EXPECT_EQ(Status().device().recoveries(), 0);
}

// The golden sentence is spoken: what failed is the fault of what was asked.
TEST_F(RecoveryTest, ARequestThatFailsAloneIsToldSo) {
  Start("device_error:60-60");
  std::string before;
  const grpc::Status failed = SpeakUntilItFails(&before);
  EXPECT_EQ(failed.error_code(), StatusCode::INTERNAL) << failed.error_message();
  EXPECT_LT(RetrySeconds(failed), 0.0) << "trying again is of no use";
  const StreamResult after = Speak();
  EXPECT_TRUE(after.status.ok()) << after.status.error_message();
  EXPECT_EQ(after.audio, before);
  EXPECT_EQ(Status().device().failures(), 1);
}

}  // namespace
}  // namespace m2tts
