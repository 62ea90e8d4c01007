// The report of a training: written once the training is done, and no reason for a job to fail.
#include <gmock/gmock.h>

#include "tests/server/jobs/supervisor_fixture.h"

namespace m2tts {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class JobReportTest : public SupervisorTest {
 protected:
  // A training from its beginning to its end.
  v1::Job Train() {
    Start();
    Submit("a", Training());
    return WaitForEnd("a");
  }
};

TEST_F(JobReportTest, FollowsTheTraining) {
  ActReport("echo \"$*\" > report; wc -l < calls > calls-before");
  EXPECT_EQ(Train().state(), v1::JOB_STATE_SUCCEEDED);
  EXPECT_EQ(*ReadFile(folder_.path() / "report"), "report " + environment_.run("a").string() + "\n");
  EXPECT_THAT(*ReadFile(folder_.path() / "calls-before"), HasSubstr("1"));
  EXPECT_THAT(Calls(), ElementsAre(StartsWith("train "), StartsWith("export ")));
  EXPECT_THAT(LogLines("a"), Contains("writing the report"));
  EXPECT_THAT(LogLines("a"), Not(Contains(StartsWith("no report"))));
}

TEST_F(JobReportTest, AFailureIsToldAndTheJobGoesOn) {
  ActReport("echo 'cannot write report.html' >&2; exit 1");
  const v1::Job job = Train();
  EXPECT_EQ(job.state(), v1::JOB_STATE_SUCCEEDED);
  EXPECT_EQ(job.attempt(), 1);
  EXPECT_THAT(Calls(), ElementsAre(StartsWith("train "), StartsWith("export ")));
  EXPECT_THAT(LogLines("a"), Contains("no report: config: cannot write report.html"));
  EXPECT_EQ(Failures("config"), 0.0) << "of jobs";
}

TEST_F(JobReportTest, ACrashToo) {
  ActReport("kill -SEGV $$");
  EXPECT_EQ(Train().state(), v1::JOB_STATE_SUCCEEDED);
  EXPECT_THAT(LogLines("a"), Contains(StartsWith("no report: crash")));
}

// The trainer is gone: the worker of the report never begins.
TEST_F(JobReportTest, OneThatCannotBeginIsTold) {
  Act("rm \"$0\"");
  ActReport(": > report");
  const v1::Job job = Train();
  EXPECT_EQ(job.state(), v1::JOB_STATE_FAILED) << "neither can what follows";
  EXPECT_FALSE(std::filesystem::exists(folder_.path() / "report"));
  EXPECT_THAT(LogLines("a"), Contains(StartsWith("no report")));
}

TEST_F(JobReportTest, ATrainingThatFailsHasNone) {
  Act("echo 'no corpus' >&2; exit 2");
  ActReport(": > report");
  EXPECT_EQ(Train().state(), v1::JOB_STATE_FAILED);
  EXPECT_FALSE(std::filesystem::exists(folder_.path() / "report"));
}

TEST_F(JobReportTest, IsBegunAgainAfterARestart) {
  ActReport("[ -e once ] && { : > report; exit 0; }\n: > once\nsleep 100");
  Start();
  Submit("a", Training());
  WaitForFile("once");
  Restart();
  EXPECT_EQ(WaitForEnd("a").state(), v1::JOB_STATE_SUCCEEDED);
  EXPECT_TRUE(std::filesystem::exists(folder_.path() / "report"));
  EXPECT_THAT(Calls(), ElementsAre(StartsWith("train "), StartsWith("export "))) << "the training was done";
}

}  // namespace
}  // namespace m2tts
