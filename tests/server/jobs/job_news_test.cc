// Who watches a job hears why it does not go on, once for each reason.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/server/jobs/supervisor_fixture.h"

namespace m2tts {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

class JobNewsTest : public SupervisorTest {
 protected:
  void Feel(const std::string& yaml) { governor_->Feel(yaml, 2); }
};

TEST_F(JobNewsTest, WhatKeepsAJobFromStartingIsToldOnceAndItsFiguresAreKeptUpToDate) {
  Feel("memory: {available_mb: 700, limit_mb: 10000}");
  Start();
  Submit("a", Compression());
  (void)WaitFor("a", [](const v1::Job& job) { return job.message().rfind("waits: serious memory", 0) == 0; });
  EXPECT_THAT(LogLines("a"), ElementsAre(HasSubstr("93")));
  Feel("memory: {available_mb: 660, limit_mb: 10000}");
  WaitUntil([this] { return Get("a").message().find("93.4") != std::string::npos; }, "the new figure");
  EXPECT_THAT(LogLines("a"), ElementsAre(HasSubstr("93")));
  Feel("memory: {available_mb: 100, limit_mb: 10000}");
  (void)WaitFor("a",
                [](const v1::Job& job) { return job.message().rfind("waits: critical memory", 0) == 0; });
  EXPECT_EQ(LogLines("a").size(), 2u);
  governor_->Recover();
  EXPECT_EQ(WaitForEnd("a").state(), v1::JOB_STATE_SUCCEEDED);
}

TEST_F(JobNewsTest, ADiskWithoutRoomIsTold) {
  Close();
  config_.min_free_mb = int64_t{1} << 40;
  Open();
  Start();
  Submit("a", Compression());
  (void)WaitFor("a", [](const v1::Job& job) { return job.message().rfind("waits: ", 0) == 0; });
  EXPECT_THAT(LogLines("a"), ElementsAre(testing::HasSubstr("jobs need 1099511627776 (jobs.min_free_mb)")));
}

TEST_F(JobNewsTest, AnotherReasonForAPauseIsTold) {
  Act(": > begun; exec sleep 1000");
  Start();
  Submit("a", Compression());
  WaitForFile("begun");
  Feel("thermal: {celsius: 95}");
  (void)WaitForPause("a", v1::PAUSE_REASON_THERMAL);
  EXPECT_THAT(LogLines("a"), ElementsAre()) << "its transition says it";
  ASSERT_TRUE(board_->Pause("a").ok());
  EXPECT_EQ(Get("a").message(), "paused by a person");
  ASSERT_TRUE(board_->Resume("a").ok());
  (void)WaitForPause("a", v1::PAUSE_REASON_THERMAL);
  EXPECT_THAT(LogLines("a"), ElementsAre("paused by a person", StartsWith("serious heat")));
}

}  // namespace
}  // namespace m2tts
