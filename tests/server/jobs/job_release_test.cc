// A job that is held back gives up its worker where another job, or the machine, needs what it holds.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/server/jobs/supervisor_fixture.h"

namespace m2tts {
namespace {

using testing::StartsWith;

class JobReleaseTest : public SupervisorTest {
 protected:
  // Job "a" has a worker that computes for ever, and has not asked for a lease.
  void RunInTheMiddleOfAStep(const v1::JobSpec& spec) {
    Act("[ $job = a ] || exit 0\n: > begun; exec sleep 1000");
    Start();
    Submit("a", spec);
    WaitForFile("begun");
    (void)WaitForState("a", v1::JOB_STATE_RUNNING);
  }
  // "a" goes on with another worker, and ends.
  void GoesOnAnew(const std::string& command) {
    const size_t before = Calls().size();
    Act("exit 0");
    ASSERT_TRUE(board_->Resume("a").ok());
    EXPECT_EQ(WaitForEnd("a").state(), v1::JOB_STATE_SUCCEEDED);
    const auto calls = Calls();
    ASSERT_GT(calls.size(), before);
    EXPECT_THAT(calls[before], StartsWith(command));
  }
};

TEST_F(JobReleaseTest, AtOnceInTheMiddleOfAStepItIsPaused) {
  Close();
  config_.release_seconds = 0.0;
  Open();
  RunInTheMiddleOfAStep(Training());
  ASSERT_TRUE(board_->Pause("a").ok());
  EXPECT_EQ(WaitForPause("a", v1::PAUSE_REASON_USER).message(), "paused by a person");
  LetOthersRun();  // its worker is gone
  EXPECT_EQ(Get("a").state(), v1::JOB_STATE_PAUSED);
  GoesOnAnew("train ");
}

TEST_F(JobReleaseTest, ForAnotherJobInTheMiddleOfAStepItIsPaused) {
  RunInTheMiddleOfAStep(Training());
  Submit("b", Compression());
  ASSERT_TRUE(board_->Pause("a").ok());
  EXPECT_EQ(WaitForEnd("b").state(), v1::JOB_STATE_SUCCEEDED);
  EXPECT_EQ(Get("a").state(), v1::JOB_STATE_PAUSED);
  EXPECT_EQ(Get("a").pause_reason(), v1::PAUSE_REASON_USER);
  GoesOnAnew("train ");
}

TEST_F(JobReleaseTest, APhaseWithoutLeaseGivesWayToAnotherJobAndBeginsAnew) {
  RunInTheMiddleOfAStep(Compression());
  ASSERT_TRUE(board_->Pause("a").ok());
  (void)WaitForPause("a", v1::PAUSE_REASON_USER);
  Submit("b", Compression());
  EXPECT_EQ(WaitForEnd("b").state(), v1::JOB_STATE_SUCCEEDED);
  EXPECT_EQ(Get("a").state(), v1::JOB_STATE_PAUSED);
  EXPECT_EQ(Get("a").attempt(), 1);
  GoesOnAnew("compress ");
  EXPECT_EQ(Get("a").attempt(), 1) << "no failure";
}

TEST_F(JobReleaseTest, APhaseWithoutLeaseThatNobodyWaitsForStandsStill) {
  Close();
  config_.release_seconds = 0.0;
  Open();
  RunInTheMiddleOfAStep(Compression());
  ASSERT_TRUE(board_->Pause("a").ok());
  (void)WaitForPause("a", v1::PAUSE_REASON_USER);
  ASSERT_TRUE(board_->Resume("a").ok());
  (void)WaitForState("a", v1::JOB_STATE_RUNNING);
  EXPECT_EQ(Calls().size(), 1u) << "the same worker";
}

}  // namespace
}  // namespace m2tts
