#include "server/jobs/job_state.h"

#include <gtest/gtest.h>

namespace m2tts {
namespace {

TEST(JobStateMachineTest, NothingFollowsAnEnd) {
  for (const auto end : {v1::JOB_STATE_SUCCEEDED, v1::JOB_STATE_FAILED, v1::JOB_STATE_CANCELLED}) {
    EXPECT_TRUE(JobStateMachine::IsTerminal(end));
    for (int to = 0; to <= v1::JobState_MAX; ++to) {
      EXPECT_FALSE(JobStateMachine::Allows(end, static_cast<v1::JobState>(to)));
    }
  }
}

TEST(JobStateMachineTest, EveryStateThatIsNoEndCanReachOne) {
  for (const auto from : {v1::JOB_STATE_QUEUED, v1::JOB_STATE_RUNNING, v1::JOB_STATE_PAUSED}) {
    EXPECT_FALSE(JobStateMachine::IsTerminal(from));
    EXPECT_TRUE(JobStateMachine::Allows(from, v1::JOB_STATE_CANCELLED));
    EXPECT_TRUE(JobStateMachine::Allows(from, v1::JOB_STATE_FAILED));
    EXPECT_FALSE(JobStateMachine::Allows(from, from));
  }
}

TEST(JobStateMachineTest, OnlyARunningJobSucceeds) {
  EXPECT_TRUE(JobStateMachine::Allows(v1::JOB_STATE_RUNNING, v1::JOB_STATE_SUCCEEDED));
  EXPECT_FALSE(JobStateMachine::Allows(v1::JOB_STATE_QUEUED, v1::JOB_STATE_SUCCEEDED));
  EXPECT_FALSE(JobStateMachine::Allows(v1::JOB_STATE_PAUSED, v1::JOB_STATE_SUCCEEDED));
}

TEST(JobStateMachineTest, ErrorsNameBothStates) {
  const Status status = JobStateMachine::Check(v1::JOB_STATE_SUCCEEDED, v1::JOB_STATE_PAUSED);
  EXPECT_EQ(status.code(), StatusCode::kFailedPrecondition);
  EXPECT_NE(std::string(status.message()).find("SUCCEEDED"), std::string::npos);
  EXPECT_NE(std::string(status.message()).find("PAUSED"), std::string::npos);
}

TEST(JobStateMachineTest, UnknownNumbersAreNoStates) {
  EXPECT_FALSE(JobStateMachine::Allows(static_cast<v1::JobState>(99), v1::JOB_STATE_RUNNING));
  EXPECT_FALSE(JobStateMachine::Allows(v1::JOB_STATE_RUNNING, static_cast<v1::JobState>(-1)));
}

TEST(JobStateMachineTest, Names) {
  EXPECT_EQ(JobStateName(v1::JOB_STATE_RUNNING), "RUNNING");
  EXPECT_EQ(PauseReasonName(v1::PAUSE_REASON_THERMAL), "thermal");
  EXPECT_EQ(PauseReasonName(v1::PAUSE_REASON_UNSPECIFIED), "");
  EXPECT_EQ(JobKindName(v1::JOB_KIND_FINE_TUNE), "fine_tune");
}

}  // namespace
}  // namespace m2tts
