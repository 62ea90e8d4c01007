// What is kept of jobs that have ended, with a real store and real folders.
#include "server/jobs/job_retention.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "tests/core/base/temp_folder.h"
#include "tests/server/jobs/supervisor_fixture.h"

namespace m2tts {
namespace {

using testing::ElementsAre;

constexpr double kDay = 86400.0;

class JobRetentionTest : public testing::Test {
 protected:
  void SetUp() override {
    environment_.state_dir = folder_.path();
    auto store = JobStore::Open(environment_.store());
    ASSERT_TRUE(store.ok()) << store.status();
    auto board = JobBoard::Open(*std::move(store), [this] { return now_; });
    ASSERT_TRUE(board.ok()) << board.status();
    board_ = *std::move(board);
    config_.keep_days = 30;
    config_.forget_days = 100;
  }

  // A job with files, a line of the log and progress, that ended `days` days before the first of `now_`.
  void Ended(const std::string& id, double days, v1::JobState state = v1::JOB_STATE_SUCCEEDED) {
    const double now = now_;
    now_ -= days * kDay;
    Begun(id);
    ASSERT_TRUE(board_->Transition(id, state, "done").ok());
    now_ = now;
  }
  void Begun(const std::string& id, const std::string& after = "") {
    v1::JobSpec spec;
    spec.set_config_yaml("data: {}");
    spec.set_after(after);
    ASSERT_TRUE(board_->Submit(id, spec, 0, {}).ok());
    if (!after.empty()) return;
    ASSERT_TRUE(board_->Transition(id, v1::JOB_STATE_RUNNING, "training").ok());
    ASSERT_TRUE(board_->Log(id, "a line").ok());
    ASSERT_TRUE(board_->Progress(id, v1::JobProgress()).ok());
    std::filesystem::create_directories(environment_.run(id));
    std::ofstream(environment_.run(id) / "log.jsonl") << "{}\n";
  }
  // All that is due.
  void Apply() {
    if (retention_ == nullptr) {
      retention_ = std::make_unique<JobRetention>(config_, environment_, board_.get());
    }
    for (int steps = 0; retention_->Step(); ++steps) ASSERT_LT(steps, 100);
  }
  bool HasFiles(const std::string& id) const { return std::filesystem::exists(environment_.run(id)); }
  size_t Events(const std::string& id) { return board_->Events(id, 1, 1000)->size(); }
  bool Known(const std::string& id) { return board_->Get(id).ok(); }

  TempFolder folder_;
  JobEnvironment environment_;
  JobsConfig config_;
  double now_ = 1.8e9;
  std::unique_ptr<JobBoard> board_;
  std::unique_ptr<JobRetention> retention_;
};

TEST_F(JobRetentionTest, FilesAndEventsOfOldJobsGoAndTheirHistoryStays) {
  Ended("old", 31);
  Ended("new", 29);
  Begun("running");
  Apply();
  EXPECT_FALSE(HasFiles("old"));
  EXPECT_EQ(Events("old"), 3u) << "submitted, training, done";
  EXPECT_EQ(board_->Get("old")->history_size(), 3);
  for (const char* id : {"new", "running"}) {
    EXPECT_TRUE(HasFiles(id)) << id;
    EXPECT_GE(Events(id), 4u) << id;
  }
}

TEST_F(JobRetentionTest, AJobThatGrowsOldGoesInALaterRound) {
  Ended("a", 29);
  Apply();
  EXPECT_TRUE(HasFiles("a"));
  now_ += 2 * kDay;
  Apply();
  EXPECT_FALSE(HasFiles("a"));
  EXPECT_TRUE(Known("a"));
  now_ += 80 * kDay;
  Apply();
  EXPECT_FALSE(Known("a"));
}

TEST_F(JobRetentionTest, VeryOldJobsAreForgottenAndTheIdIsFree) {
  Ended("ancient", 101);
  Ended("failed", 101, v1::JOB_STATE_FAILED);
  Ended("old", 99);
  Apply();
  EXPECT_FALSE(Known("ancient"));
  EXPECT_FALSE(Known("failed"));
  EXPECT_TRUE(Known("old"));
  EXPECT_FALSE(std::filesystem::exists(environment_.job("ancient")));
  Begun("ancient");
}

TEST_F(JobRetentionTest, AJobThatPublishedAVoiceIsWhereTheVoiceComesFrom) {
  Ended("made", 200);
  ASSERT_TRUE(board_->store().AddPublication("v", "made", now_).ok());
  Apply();
  EXPECT_TRUE(Known("made"));
  EXPECT_FALSE(HasFiles("made"));
}

TEST_F(JobRetentionTest, AJobThatAnotherWaitsForStaysUntilThen) {
  Ended("first", 200);
  Begun("second", "first");
  Apply();
  EXPECT_TRUE(Known("first"));
  ASSERT_TRUE(board_->Cancel("second").ok());
  Apply();
  EXPECT_FALSE(Known("first"));
}

// It may be waited for because of its voice.
TEST_F(JobRetentionTest, FilesThatAnotherJobWaitsForStayUntilThen) {
  Ended("first", 60);
  Ended("other", 50);
  Begun("second", "first");
  Apply();
  EXPECT_TRUE(HasFiles("first"));
  EXPECT_FALSE(HasFiles("other"));
  ASSERT_TRUE(board_->Cancel("second").ok());
  Apply();
  EXPECT_FALSE(HasFiles("first"));
}

TEST_F(JobRetentionTest, EventsOfALongJobGoInParts) {
  constexpr int kLines = 4050;
  Begun("long");
  for (int i = 0; i < kLines; ++i) ASSERT_TRUE(board_->Log("long", "a line").ok());
  ASSERT_TRUE(board_->Transition("long", v1::JOB_STATE_SUCCEEDED, "done").ok());
  const int64_t number = board_->Record("long")->number;
  const auto left = [&] { return board_->store().Events(number, 1, 10000)->size(); };
  const size_t all = left();
  ASSERT_GT(all, size_t{kLines});
  now_ += 31 * kDay;
  JobRetention retention(config_, environment_, board_.get());
  EXPECT_TRUE(retention.Step());
  EXPECT_EQ(left(), all - 2000);
  EXPECT_TRUE(retention.Step());
  EXPECT_FALSE(retention.Step());
  EXPECT_EQ(left(), 3u) << "submitted, training, done";
  EXPECT_FALSE(retention.Step());
}

TEST_F(JobRetentionTest, AStepMayBeOneJob) {
  for (const char* id : {"a", "b", "c"}) Ended(id, 40);
  JobRetention retention(config_, environment_, board_.get());
  EXPECT_TRUE(retention.Step(1));
  EXPECT_TRUE(HasFiles("a") + HasFiles("b") + HasFiles("c") == 2);
  EXPECT_TRUE(retention.Step(1));
  EXPECT_TRUE(retention.Step(1));
  EXPECT_FALSE(retention.Step(1));
  EXPECT_FALSE(HasFiles("a") || HasFiles("b") || HasFiles("c"));
}

TEST_F(JobRetentionTest, ZeroDaysKeepForGood) {
  config_.keep_days = config_.forget_days = 0;
  Ended("a", 10000);
  Apply();
  EXPECT_TRUE(HasFiles("a"));
  EXPECT_EQ(Events("a"), 5u);
}

TEST_F(JobRetentionTest, ManyJobsTakeManySteps) {
  for (int i = 0; i < 120; ++i) Ended("job" + std::to_string(i), i < 60 ? 40 : 200);
  JobRetention retention(config_, environment_, board_.get());
  int steps = 1;
  while (retention.Step()) ++steps;
  EXPECT_EQ(steps, 3) << "of 50 jobs each";
  EXPECT_EQ(board_->List({}, 0, 1000)->size(), 60u);
  EXPECT_FALSE(HasFiles("job0"));
}

// A talkative worker fills no disk: of its lines the newest are kept.
TEST_F(JobRetentionTest, OfALogTheNewestLinesAreKept) {
  Begun("a");
  const auto record = *board_->Record("a");
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(board_->Log("a", "line " + std::to_string(i)).ok());
  ASSERT_TRUE(board_->store().ThinLog(record.number, 2).ok());
  std::vector<std::string> lines;
  const auto events = *board_->Events("a", 1, 1000);
  for (const v1::JobEvent& event : events) {
    if (event.has_log_line()) lines.push_back(event.log_line());
  }
  EXPECT_THAT(lines, ElementsAre("line 18", "line 19"));
  EXPECT_EQ(board_->Get("a")->history_size(), 2);
}

// A machine that trains all the time cleans up all the same.
class RetentionBesideAJobTest : public SupervisorTest {};

TEST_F(RetentionBesideAJobTest, FilesGoWhileAnotherJobRuns) {
  constexpr int kJobs = JobRetention::kJobsOfStep + 2;  // more than a step at the start takes
  config_.keep_days = 1;
  Close();
  Open();
  for (int i = 0; i < kJobs; ++i) {
    const std::string id = fmt::format("old-{}", i);
    Submit(id, Compression());
    ASSERT_TRUE(board_->Cancel(id).ok());
    std::filesystem::create_directories(environment_.run(id));
  }
  now_ = now_ + 2 * kDay;
  Act("exec sleep 600");
  Submit("long", Compression());
  Start();
  (void)WaitForState("long", v1::JOB_STATE_RUNNING);
  WaitUntil(
      [&] {
        for (int i = 0; i < kJobs; ++i) {
          if (std::filesystem::exists(environment_.job(fmt::format("old-{}", i)))) return false;
        }
        return true;
      },
      "no folder of an old job");
  EXPECT_EQ(Get("long").state(), v1::JOB_STATE_RUNNING);
}

}  // namespace
}  // namespace m2tts
