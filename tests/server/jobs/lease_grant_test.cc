// When a worker gets its lease: in the idle time of the device, with heat and memory as they should be.
#include <gtest/gtest.h>

#include "tests/server/jobs/supervisor_fixture.h"

namespace m2tts {
namespace {

using Clock = std::chrono::steady_clock;

class LeaseGrantTest : public SupervisorTest {
 protected:
  // Script of a training that asks for leases 1 to `count` one after the other, for steps of `seconds`. It
  // leaves "asked-N" and, once it has the lease, "granted-N".
  std::string AsksFor(int count, double seconds) {
    std::string script = "[ $1 = train ] || exit 0\n";
    for (int number = 1; number <= count; ++number) {
      worker::v1::WorkerMessage request;
      request.mutable_lease_request()->set_number(number);
      request.mutable_lease_request()->set_expected_seconds(seconds);
      Prepare(fmt::format("request-{}", number), request);
      worker::v1::DaemonMessage grant;
      grant.mutable_lease_grant()->set_number(number);
      script += fmt::format(
          "cat request-{0} >&$lease; : > asked-{0}\n"
          "head -c {1} <&$lease > answer; mv answer granted-{0}\n",
          number, Framed(grant.SerializeAsString()).size());
    }
    return script;
  }
  bool Granted(int number) const {
    return std::filesystem::exists(folder_.path() / fmt::format("granted-{}", number));
  }
  double Leases() const { return metrics_.leases.Value(); }
  void Begin() {
    Start();
    Submit("a", Training());
  }
  void WaitForARefusal() {
    WaitUntil([this] { return metrics_.lease_waits.Value() > 0.0; }, "a lease that is kept back");
  }
  void EndsWell() { EXPECT_EQ(WaitForEnd("a").state(), v1::JOB_STATE_SUCCEEDED); }
};

TEST_F(LeaseGrantTest, WhileNobodySpeaksEveryLeaseIsGrantedAtOnce) {
  Act(AsksFor(3, 0.01));
  Begin();
  EndsWell();
  EXPECT_EQ(Leases(), 3.0);
  EXPECT_EQ(metrics_.lease_waits.Value(), 0.0);
  const auto answer = ReadFile(folder_.path() / "granted-3");
  ASSERT_TRUE(answer.ok()) << answer.status();
  FrameReader reader;
  reader.Append(*answer);
  const auto frame = reader.Next();
  worker::v1::DaemonMessage message;
  ASSERT_TRUE(frame.ok() && frame->has_value() && message.ParseFromString(**frame));
  EXPECT_EQ(message.lease_grant().number(), 3);
}

TEST_F(LeaseGrantTest, NoneWhileARequestIsQueuedOrComputed) {
  activity_.busy = true;
  Act(AsksFor(1, 0.01));
  Begin();
  WaitForARefusal();
  EXPECT_EQ(Leases(), 0.0);
  EXPECT_FALSE(Granted(1));
  EXPECT_EQ(Get("a").state(), v1::JOB_STATE_RUNNING) << "a short wait is no pause";
  activity_.busy = false;
  EndsWell();
  EXPECT_EQ(Leases(), 1.0);
}

TEST_F(LeaseGrantTest, NoneWhileARequestIsToBeExpectedWithinTheStep) {
  Close();
  config_.max_arrival_probability = 0.5;
  Open();
  activity_.arrivals = 10.0;
  Act(AsksFor(1, 1.0));
  Begin();
  WaitForARefusal();
  EXPECT_FALSE(Granted(1));
  activity_.arrivals = 0.1;
  EndsWell();
}

TEST_F(LeaseGrantTest, RequestsThatLeaveNoGapShowAsAPauseAfterFiveSeconds) {
  activity_.busy = true;
  Act(AsksFor(1, 0.01));
  const auto begin = Clock::now();
  Begin();
  EXPECT_EQ(WaitForPause("a", v1::PAUSE_REASON_LOAD).message(), "requests come first");
  EXPECT_GE(Clock::now() - begin, std::chrono::seconds(5));
  EXPECT_FALSE(Granted(1));
  activity_.busy = false;
  EndsWell();
  EXPECT_EQ(Calls().size(), 2u) << "the worker that waited, and the one that makes the voice";
}

TEST_F(LeaseGrantTest, LackOfMemoryEndsTheWorkerAndAnotherOneGoesOn) {
  Act(AsksFor(1, 0.01) + "exec sleep 1000");
  Begin();
  WaitForFile("granted-1");
  governor_->Feel("memory: {available_mb: 500, limit_mb: 10000}", 2);
  EXPECT_EQ(WaitForPause("a", v1::PAUSE_REASON_MEMORY).message().rfind("serious memory pressure", 0), 0u);
  WaitUntil([this] { return metrics_.running.Value() == 0.0; }, "the end of the worker");
  EXPECT_EQ(Get("a").state(), v1::JOB_STATE_PAUSED);
  Act("exit 0");
  governor_->Recover();
  EndsWell();
  EXPECT_EQ(Calls().size(), 3u) << "training, training again, the voice";
}

TEST_F(LeaseGrantTest, LackOfMemoryEndsAPhaseWithoutLeaseToo) {
  Act(": > begun; exec sleep 1000");
  Start();
  Submit("a", Compression());
  WaitForFile("begun");
  governor_->Feel("memory: {available_mb: 500, limit_mb: 10000}", 2);
  (void)WaitForPause("a", v1::PAUSE_REASON_MEMORY);
  WaitUntil([this] { return metrics_.running.Value() == 0.0; }, "the end of the worker");
  Act("exit 0");
  governor_->Recover();
  EndsWell();
  EXPECT_EQ(Calls().size(), 2u);
}

TEST_F(LeaseGrantTest, InHeatAWorkerWaitsForItsLease) {
  activity_.busy = true;
  (void)AsksFor(1, 0.01);  // its message alone: the answer is a hold first, of any length
  Act("[ $1 = train ] || exit 0\ncat request-1 >&$lease; exec sleep 1000");
  Begin();
  WaitForARefusal();
  governor_->Feel("thermal: {celsius: 95}", 2);
  EXPECT_EQ(WaitForPause("a", v1::PAUSE_REASON_THERMAL).message().rfind("serious heat", 0), 0u);
  activity_.busy = false;
  governor_->Recover();
  (void)WaitForState("a", v1::JOB_STATE_RUNNING);
  WaitUntil([this] { return Leases() == 1.0; }, "the lease");
  EXPECT_EQ(Calls().size(), 1u) << "the same worker";
}

TEST_F(LeaseGrantTest, NearTheLimitOfHeatLeasesLeaveTimeBetweenThem) {
  governor_->Feel("thermal: {celsius: 89}", 300);
  ASSERT_TRUE(governor_->get()->status().leases_allowed());
  ASSERT_LT(governor_->get()->status().duty, 0.01);
  Act(AsksFor(4, 0.003));
  const auto begin = Clock::now();
  Begin();
  EndsWell();
  // However hot, a hundredth of the time is the job's.
  EXPECT_GE(Clock::now() - begin, std::chrono::milliseconds(3 * 300));
  EXPECT_EQ(Leases(), 4.0);
}

}  // namespace
}  // namespace m2tts
