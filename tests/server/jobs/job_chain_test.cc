// Jobs that follow others: `after`, and a base voice that another job makes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/server/jobs/supervisor_fixture.h"

namespace m2tts {
namespace {

using testing::HasSubstr;

class JobChainTest : public SupervisorTest {
 protected:
  // Whose workers ran, in their order.
  std::vector<std::string> Order() const {
    std::vector<std::string> order;
    for (const std::string& call : Calls()) {
      const std::string jobs = "/state/jobs/";
      const size_t at = call.rfind(jobs) + jobs.size();  // an earlier one is where its voice comes from
      order.push_back(call.substr(at, call.find('/', at) - at));
    }
    return order;
  }
  static v1::JobSpec FromVoiceOf(const std::string& id) {
    v1::JobSpec spec = Compression();
    spec.set_base_voice("job:" + id);
    return spec;
  }
  std::string LastReason(const std::string& id) {
    const v1::Job job = Get(id);
    return job.history().empty() ? "" : job.history(job.history_size() - 1).reason();
  }
};

TEST_F(JobChainTest, AFollowerRunsAfterItsPredecessorWhateverItsPriority) {
  Submit("first", Compression(), -100);
  Submit("second", After("first"), 0);
  Submit("third", After("second"), 100);
  Start();
  EXPECT_EQ(WaitForEnd("third").state(), v1::JOB_STATE_SUCCEEDED);
  EXPECT_EQ(Order(), (std::vector<std::string>{"first", "second", "third"}));
}

TEST_F(JobChainTest, WhatFollowsAFailureIsCancelledAllAlongTheChain) {
  Act("[ $job = first ] && exit 2; exit 0");
  Submit("first", Compression());
  Submit("second", After("first"));
  Submit("third", After("second"));
  Start();
  EXPECT_EQ(WaitForEnd("third").state(), v1::JOB_STATE_CANCELLED);
  EXPECT_EQ(Get("first").state(), v1::JOB_STATE_FAILED);
  EXPECT_EQ(Get("second").state(), v1::JOB_STATE_CANCELLED);
  EXPECT_EQ(LastReason("second"), "job 'first', which it follows, did not succeed");
  EXPECT_EQ(LastReason("third"), "job 'second', which it follows, did not succeed");
  EXPECT_EQ(Order(), std::vector<std::string>{"first"});
}

TEST_F(JobChainTest, AFailureInTheMiddleLeavesWhatWasBefore) {
  Act("[ $job = second ] && exit 2; exit 0");
  Submit("first", Compression());
  Submit("second", After("first"));
  Submit("third", After("second"));
  Start();
  EXPECT_EQ(WaitForEnd("third").state(), v1::JOB_STATE_CANCELLED);
  EXPECT_EQ(Get("first").state(), v1::JOB_STATE_SUCCEEDED);
  EXPECT_EQ(Get("second").state(), v1::JOB_STATE_FAILED);
}

TEST_F(JobChainTest, WhatFollowsACancelledJobIsCancelled) {
  Submit("first", Compression());
  Submit("second", After("first"));
  ASSERT_TRUE(board_->Cancel("first").ok());
  Start();
  EXPECT_EQ(WaitForEnd("second").state(), v1::JOB_STATE_CANCELLED);
  EXPECT_EQ(LastReason("second"), "job 'first', which it follows, did not succeed");
  EXPECT_TRUE(Calls().empty());
}

TEST_F(JobChainTest, APausedFollowerIsCancelledToo) {
  Submit("first", Compression());
  Submit("second", After("first"));
  ASSERT_EQ(board_->Pause("second")->state(), v1::JOB_STATE_PAUSED);
  ASSERT_TRUE(board_->Cancel("first").ok());
  Start();
  EXPECT_EQ(WaitForEnd("second").state(), v1::JOB_STATE_CANCELLED);
}

// Who watches a follower need not wait for a job that has nothing to do with it.
TEST_F(JobChainTest, AFollowerIsCancelledWhileAnotherJobRuns) {
  Act("[ $job = long ] && exec sleep 1000; exit 0");
  Start();
  Submit("long", Compression());
  (void)WaitForState("long", v1::JOB_STATE_RUNNING);
  Submit("first", Compression());
  Submit("second", After("first"));
  ASSERT_TRUE(board_->Cancel("first").ok());
  EXPECT_EQ(WaitForEnd("second").state(), v1::JOB_STATE_CANCELLED);
  EXPECT_EQ(Get("long").state(), v1::JOB_STATE_RUNNING);
}

TEST_F(JobChainTest, AFollowerWaitsThroughRetries) {
  Act("[ $job = first ] && [ ! -e once ] && { : > once; kill -SEGV $$; }; exit 0");
  Start();
  Submit("first", Compression());
  Submit("second", After("first"), 100);
  (void)WaitForAttempt("first", 2);
  LetOthersRun();
  EXPECT_EQ(Get("second").state(), v1::JOB_STATE_QUEUED);
  SetTime(now() + 10.0);
  EXPECT_EQ(WaitForEnd("second").state(), v1::JOB_STATE_SUCCEEDED);
  EXPECT_EQ(Order(), (std::vector<std::string>{"first", "first", "second"}));
}

TEST_F(JobChainTest, AChainOutlivesTheDaemon) {
  Act("[ $job = first ] && exit 2; exit 0");
  Submit("first", Compression());
  Submit("second", After("first"));
  Restart();
  EXPECT_EQ(WaitForEnd("second").state(), v1::JOB_STATE_CANCELLED);
}

TEST_F(JobChainTest, WhatFollowsADeletedJobIsCancelled) {
  Submit("first", Compression());
  Submit("second", After("first"));
  ASSERT_TRUE(board_->Cancel("first").ok());
  ASSERT_TRUE(board_->Delete("first").ok());
  Start();
  EXPECT_EQ(WaitForEnd("second").state(), v1::JOB_STATE_CANCELLED);
  EXPECT_THAT(LastReason("second"), HasSubstr("was deleted"));
}

TEST_F(JobChainTest, AFollowerThatHasBegunNeedsItsPredecessorNoMore) {
  Act("[ $job = second ] && [ ! -e once ] && { : > once; kill -SEGV $$; }; exit 0");
  Start();
  Submit("first", Compression());
  Submit("second", After("first"));
  (void)WaitForAttempt("second", 2);
  ASSERT_TRUE(board_->Delete("first").ok());
  SetTime(now() + 10.0);
  EXPECT_EQ(WaitForEnd("second").state(), v1::JOB_STATE_SUCCEEDED);
}

// max_running 0 keeps jobs from running, not from ending.
TEST_F(JobChainTest, AFollowerIsCancelledWhereNoJobRuns) {
  Close();
  config_.max_running = 0;
  Open();
  Submit("first", Compression());
  Submit("second", After("first"));
  ASSERT_TRUE(board_->Cancel("first").ok());
  Start();
  EXPECT_EQ(WaitForEnd("second").state(), v1::JOB_STATE_CANCELLED);
  EXPECT_TRUE(Calls().empty());
}

TEST_F(JobChainTest, WhoStartsFromTheVoiceOfAJobWaitsForIt) {
  Act(MakesVoice() + "exit 0");
  Submit("first", Compression(), -100);
  Submit("second", FromVoiceOf("first"), 100);
  Start();
  EXPECT_EQ(WaitForEnd("second").state(), v1::JOB_STATE_SUCCEEDED);
  EXPECT_EQ(Order(), (std::vector<std::string>{"first", "second"}));
}

TEST_F(JobChainTest, AVoiceThatWillNotBeMadeCancelsWhoStartsFromIt) {
  Act("exit 2");
  Submit("first", Compression());
  Submit("second", FromVoiceOf("first"));
  Start();
  EXPECT_EQ(WaitForEnd("second").state(), v1::JOB_STATE_CANCELLED);
  EXPECT_EQ(LastReason("second"), "job 'first', which it follows, did not succeed");
}

// As one that was not intelligible enough to be published, and may still be tuned.
TEST_F(JobChainTest, AVoiceThatIsThereServesWhateverBecameOfItsJob) {
  Act(MakesVoice() + "[ $job = first ] && exit 2; exit 0");
  Submit("first", Compression());
  Submit("second", FromVoiceOf("first"));
  Start();
  EXPECT_EQ(WaitForEnd("second").state(), v1::JOB_STATE_SUCCEEDED);
  EXPECT_EQ(Get("first").state(), v1::JOB_STATE_FAILED);
}

TEST_F(JobChainTest, AJobWhoseVoiceAnotherWaitsForCannotBeDeleted) {
  Act(MakesVoice() + "exit 0");
  Start();
  Submit("first", Compression());
  (void)WaitForEnd("first");
  Close();
  config_.max_running = 0;
  Open();
  Submit("second", FromVoiceOf("first"));
  EXPECT_EQ(board_->Delete("first").code(), StatusCode::kFailedPrecondition);
}

}  // namespace
}  // namespace m2tts
