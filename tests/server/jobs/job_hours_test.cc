// A job keeps to its hours; the clock is the test's.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "tests/server/jobs/supervisor_fixture.h"

namespace m2tts {
namespace {

constexpr double kMidnight = 86400.0 * 10000;  // of some day, in UTC

double OnDay(int hour, int minute = 0, int second = 0) {
  return kMidnight + 3600.0 * hour + 60.0 * minute + second;
}

class JobHoursTest : public SupervisorTest {
 protected:
  void SetUp() override {
    ::setenv("TZ", "UTC", 1);
    ::tzset();
    now_ = OnDay(12);
    SupervisorTest::SetUp();
  }
  void TearDown() override {
    SupervisorTest::TearDown();
    if (gate_ >= 0) ::close(gate_);
    ::unsetenv("TZ");
    ::tzset();
  }
  static v1::JobSpec AtNight() {
    v1::JobSpec spec = Compression();
    spec.mutable_schedule()->set_hours("22:00-06:00");
    return spec;
  }
  // Workers read a line from "gate" before they end; OpenGate() lets one pass.
  void CloseGate() {
    const std::string gate = (folder_.path() / "gate").string();
    ASSERT_EQ(::mkfifo(gate.c_str(), 0600), 0);
    gate_ = ::open(gate.c_str(), O_RDWR | O_CLOEXEC);
    ASSERT_GE(gate_, 0);
    Act("read line < gate; exit 0");
  }
  void OpenGate() { ASSERT_EQ(::write(gate_, "go\n", 3), 3); }

  v1::Job WaitForSchedule(const std::string& id) {
    return WaitFor(id, [](const v1::Job& job) {
      return job.state() == v1::JOB_STATE_PAUSED && job.pause_reason() == v1::PAUSE_REASON_SCHEDULE;
    });
  }

 private:
  int gate_ = -1;
};

TEST_F(JobHoursTest, BeforeItsHoursAJobIsPausedAndRunsWhenTheyBegin) {
  Start();
  Submit("a", AtNight(), 10);
  EXPECT_EQ(WaitForSchedule("a").message(), "waits for 22:00-06:00");
  SetTime(OnDay(21, 59, 59));
  LetOthersRun();
  EXPECT_EQ(Get("a").state(), v1::JOB_STATE_PAUSED);
  EXPECT_TRUE(Calls().empty());
  SetTime(OnDay(22));
  EXPECT_EQ(WaitForEnd("a").state(), v1::JOB_STATE_SUCCEEDED);
}

TEST_F(JobHoursTest, MidnightIsInsideTheNight) {
  SetTime(OnDay(24));
  Start();
  Submit("a", AtNight());
  EXPECT_EQ(WaitForEnd("a").state(), v1::JOB_STATE_SUCCEEDED);
  SetTime(OnDay(24 + 5, 59, 59));
  Submit("b", AtNight());
  EXPECT_EQ(WaitForEnd("b").state(), v1::JOB_STATE_SUCCEEDED);
  SetTime(OnDay(24 + 6));
  Submit("c", AtNight());
  EXPECT_EQ(WaitForSchedule("c").state(), v1::JOB_STATE_PAUSED);
}

TEST_F(JobHoursTest, AtTheEndOfItsHoursAWorkerStandsStillAndGoesOnTheNextNight) {
  CloseGate();
  SetTime(OnDay(22));
  Start();
  Submit("a", AtNight());
  (void)WaitForState("a", v1::JOB_STATE_RUNNING);
  SetTime(OnDay(30));
  EXPECT_EQ(WaitForSchedule("a").message(), "waits for 22:00-06:00");
  SetTime(OnDay(46));
  (void)WaitForState("a", v1::JOB_STATE_RUNNING);
  OpenGate();
  EXPECT_EQ(WaitForEnd("a").state(), v1::JOB_STATE_SUCCEEDED);
  EXPECT_EQ(Calls().size(), 1u) << "the same worker";
}

TEST_F(JobHoursTest, AnotherJobRunsMeanwhile) {
  Start();
  Submit("a", AtNight(), 100);
  Submit("b", Compression());
  EXPECT_EQ(WaitForEnd("b").state(), v1::JOB_STATE_SUCCEEDED);
  EXPECT_EQ(WaitForSchedule("a").state(), v1::JOB_STATE_PAUSED);
}

TEST_F(JobHoursTest, ThePauseOutlivesTheDaemon) {
  Start();
  Submit("a", AtNight());
  (void)WaitForSchedule("a");
  Restart();
  LetOthersRun();
  EXPECT_EQ(Get("a").pause_reason(), v1::PAUSE_REASON_SCHEDULE);
  SetTime(OnDay(22));
  EXPECT_EQ(WaitForEnd("a").state(), v1::JOB_STATE_SUCCEEDED);
}

TEST_F(JobHoursTest, APersonsPauseHoldsThroughTheHours) {
  Start();
  Submit("a", AtNight(), 10);
  (void)WaitForSchedule("a");
  ASSERT_TRUE(board_->Pause("a").ok());
  SetTime(OnDay(22));
  LetOthersRun();
  EXPECT_EQ(Get("a").pause_reason(), v1::PAUSE_REASON_USER);
  EXPECT_TRUE(Calls().empty());
  ASSERT_TRUE(board_->Resume("a").ok());
  EXPECT_EQ(WaitForEnd("a").state(), v1::JOB_STATE_SUCCEEDED);
}

TEST_F(JobHoursTest, AJobThatWaitsForItsHoursCanBeCancelled) {
  Start();
  Submit("a", AtNight());
  (void)WaitForSchedule("a");
  ASSERT_TRUE(board_->Cancel("a").ok());
  EXPECT_EQ(WaitForEnd("a").state(), v1::JOB_STATE_CANCELLED);
}

}  // namespace
}  // namespace m2tts
