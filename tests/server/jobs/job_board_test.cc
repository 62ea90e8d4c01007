// Store and board together, on a real file.
#include "server/jobs/job_board.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "tests/core/base/temp_folder.h"

namespace m2tts {
namespace {

using testing::HasSubstr;

class CountingWatcher : public JobWatcher {
 public:
  void OnNews() override { ++news; }
  void OnClose() override { ++closes; }
  int news = 0;
  int closes = 0;
};

class JobBoardTest : public testing::Test {
 protected:
  void SetUp() override { Reopen(); }

  void Reopen() {
    board_.reset();
    auto store = JobStore::Open(file());
    ASSERT_TRUE(store.ok()) << store.status();
    auto board = JobBoard::Open(*std::move(store), [this] { return now_; });
    ASSERT_TRUE(board.ok()) << board.status();
    board_ = *std::move(board);
  }

  std::filesystem::path file() const { return folder_.path() / "jobs.sqlite"; }

  v1::Job Submit(const std::string& id, const std::string& config = "data: {}") {
    v1::JobSpec spec;
    spec.set_config_yaml(config);
    auto job = board_->Submit(id, spec, 0, {});
    EXPECT_TRUE(job.ok()) << job.status();
    return job.value_or(v1::Job());
  }

  std::vector<std::string> Reasons(const std::string& id) {
    std::vector<std::string> reasons;
    const auto job = board_->Get(id);
    EXPECT_TRUE(job.ok()) << job.status();
    for (const auto& transition : job->history()) reasons.push_back(transition.reason());
    return reasons;
  }

  TempFolder folder_;
  double now_ = 1000.5;
  std::unique_ptr<JobBoard> board_;
};

TEST_F(JobBoardTest, TheSameIdAndSpecIsTheSameJob) {
  const v1::Job first = Submit("a");
  EXPECT_EQ(first.state(), v1::JOB_STATE_QUEUED);
  EXPECT_EQ(first.create_time().seconds(), 1000);
  now_ = 2000;
  EXPECT_EQ(Submit("a").create_time().seconds(), 1000);
  v1::JobSpec other;
  other.set_config_yaml("other");
  EXPECT_EQ(board_->Submit("a", other, 0, {}).status().code(), StatusCode::kAlreadyExists);
  EXPECT_EQ(board_->List({}, 0, 10)->size(), 1u);
}

TEST_F(JobBoardTest, EverythingSurvivesAReopening) {
  Submit("a");
  ASSERT_TRUE(board_->Transition("a", v1::JOB_STATE_RUNNING, "training").ok());
  v1::JobProgress progress;
  progress.set_step(7);
  ASSERT_TRUE(board_->Progress("a", progress).ok());
  ASSERT_TRUE(board_->Log("a", "hello").ok());
  ASSERT_TRUE(board_
                  ->Edit("a",
                         [](JobRecord* record) {
                           record->phase = "train";
                           record->min_parts = 4;
                           record->failures = 2;
                         })
                  .ok());
  Reopen();
  const auto record = board_->Record("a");
  ASSERT_TRUE(record.ok());
  EXPECT_EQ(record->job.progress().step(), 7);
  EXPECT_EQ(record->phase, "train");
  EXPECT_EQ(record->min_parts, 4);
  EXPECT_EQ(record->failures, 2);
  EXPECT_EQ(board_->Spec("a")->config_yaml(), "data: {}");
  // It ran when the daemon ended: it waits for its turn again.
  EXPECT_EQ(record->job.state(), v1::JOB_STATE_QUEUED);
  EXPECT_THAT(Reasons("a"), testing::ElementsAre("submitted", "training", "the daemon was restarted"));
  const auto events = board_->Events("a", 1, 100);
  ASSERT_TRUE(events.ok());
  ASSERT_EQ(events->size(), 5u);
  for (size_t i = 0; i < events->size(); ++i) EXPECT_EQ((*events)[i].sequence(), static_cast<int64_t>(i + 1));
  EXPECT_EQ((*events)[3].log_line(), "hello");
}

TEST_F(JobBoardTest, WhatIsWrittenIsThereWithoutAClose) {
  Submit("a");
  // As after kill -9: another reader of the file, while the first is still open.
  auto second = JobStore::Open(file());
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_TRUE((*second)->Get("a").ok());
}

TEST_F(JobBoardTest, TransitionsOutsideTheTableChangeNothing) {
  Submit("a");
  EXPECT_EQ(board_->Transition("a", v1::JOB_STATE_SUCCEEDED, "").code(), StatusCode::kFailedPrecondition);
  EXPECT_EQ(board_->Get("a")->state(), v1::JOB_STATE_QUEUED);
  EXPECT_EQ(board_->Events("a", 1, 10)->size(), 1u);
}

TEST_F(JobBoardTest, AnExplanationIsAnEventWhereMoreThanItsFiguresChange) {
  Submit("a");
  const auto explains = [this](const std::string& why, v1::PauseReason reason) {
    const auto before = board_->Events("a", 1, 100)->size();
    EXPECT_TRUE(board_->Explain("a", why, reason).ok());
    EXPECT_EQ(board_->Get("a")->message(), why);
    return board_->Events("a", 1, 100)->size() > before;
  };
  EXPECT_TRUE(explains("heat: 91.5 C", v1::PAUSE_REASON_THERMAL));
  EXPECT_FALSE(explains("heat: 91.5 C", v1::PAUSE_REASON_THERMAL));
  EXPECT_FALSE(explains("heat: 92 C", v1::PAUSE_REASON_THERMAL));
  EXPECT_EQ(board_->Get("a")->pause_reason(), v1::PAUSE_REASON_UNSPECIFIED) << "it waits, and is not paused";
  ASSERT_TRUE(board_->Transition("a", v1::JOB_STATE_PAUSED, "load", v1::PAUSE_REASON_LOAD).ok());
  EXPECT_TRUE(explains("load", v1::PAUSE_REASON_THERMAL));
  EXPECT_EQ(board_->Get("a")->pause_reason(), v1::PAUSE_REASON_THERMAL);
  EXPECT_FALSE(explains("load", v1::PAUSE_REASON_UNSPECIFIED));
  EXPECT_EQ(board_->Get("a")->pause_reason(), v1::PAUSE_REASON_THERMAL);
}

TEST_F(JobBoardTest, PauseAndCancelOfAJobThatWaitsActAtOnce) {
  Submit("a");
  EXPECT_EQ(board_->Pause("a")->state(), v1::JOB_STATE_PAUSED);
  EXPECT_EQ(board_->Pause("a")->pause_reason(), v1::PAUSE_REASON_USER);
  Submit("b");
  EXPECT_EQ(board_->Cancel("b")->state(), v1::JOB_STATE_CANCELLED);
  EXPECT_EQ(board_->Cancel("b")->state(), v1::JOB_STATE_CANCELLED);  // again is fine
  EXPECT_EQ(board_->Pause("b").status().code(), StatusCode::kFailedPrecondition);
  EXPECT_EQ(board_->Resume("b").status().code(), StatusCode::kFailedPrecondition);
  EXPECT_TRUE(board_->Get("b")->has_end_time());
}

TEST_F(JobBoardTest, ARunningJobIsOnlyAsked) {
  Submit("a");
  ASSERT_TRUE(board_->Transition("a", v1::JOB_STATE_RUNNING, "training").ok());
  int wakes = 0;
  board_->OnRequest([&] { ++wakes; });
  EXPECT_EQ(board_->Pause("a")->state(), v1::JOB_STATE_RUNNING);
  EXPECT_TRUE(board_->Record("a")->pause_requested);
  EXPECT_EQ(board_->Cancel("a")->state(), v1::JOB_STATE_RUNNING);
  EXPECT_TRUE(board_->Record("a")->cancel_requested);
  EXPECT_EQ(wakes, 2);
}

TEST_F(JobBoardTest, DeleteTakesOnlyJobsThatHaveEnded) {
  Submit("a");
  EXPECT_EQ(board_->Delete("a").code(), StatusCode::kFailedPrecondition);
  ASSERT_TRUE(board_->Cancel("a").ok());
  EXPECT_TRUE(board_->Delete("a").ok());
  EXPECT_EQ(board_->Get("a").status().code(), StatusCode::kNotFound);
  EXPECT_EQ(board_->Delete("a").code(), StatusCode::kNotFound);
}

TEST_F(JobBoardTest, AJobThatOthersWaitForStays) {
  Submit("first");
  v1::JobSpec spec;
  spec.set_after("first");
  ASSERT_TRUE(board_->Submit("second", spec, 0, {}).ok());
  ASSERT_TRUE(board_->Transition("first", v1::JOB_STATE_RUNNING, "").ok());
  ASSERT_TRUE(board_->Transition("first", v1::JOB_STATE_SUCCEEDED, "done").ok());
  const Status refused = board_->Delete("first");
  EXPECT_EQ(refused.code(), StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(refused.message()), HasSubstr("'second' follows 'first'"));
  ASSERT_TRUE(board_->Edit("second", [](JobRecord* record) { record->phase = "train"; }).ok());
  EXPECT_TRUE(board_->Delete("first").ok()) << "the other one has begun";
}

TEST_F(JobBoardTest, ListsPagesNewestFirstByState) {
  for (int i = 0; i < 10; ++i) Submit("job" + std::to_string(i));
  for (int i = 0; i < 10; i += 2) ASSERT_TRUE(board_->Cancel("job" + std::to_string(i)).ok());
  const auto page = board_->List({}, 0, 3);
  ASSERT_EQ(page->size(), 3u);
  EXPECT_EQ((*page)[0].job.id(), "job9");
  EXPECT_EQ((*board_->List({}, page->back().number, 3))[0].job.id(), "job6");
  const auto cancelled = board_->List({v1::JOB_STATE_CANCELLED}, 0, 100);
  ASSERT_EQ(cancelled->size(), 5u);
  EXPECT_EQ((*cancelled)[0].job.id(), "job8");
  EXPECT_EQ(board_->List({v1::JOB_STATE_CANCELLED, v1::JOB_STATE_QUEUED}, 0, 7)->size(), 7u);
  EXPECT_EQ(board_->Active().size(), 5u);
}

TEST_F(JobBoardTest, WatchersHearOfTheirJobOnly) {
  Submit("a");
  Submit("b");
  CountingWatcher watcher;
  EXPECT_EQ(board_->Watch("c", &watcher).code(), StatusCode::kNotFound);
  ASSERT_TRUE(board_->Watch("a", &watcher).ok());
  ASSERT_TRUE(board_->Log("a", "x").ok());
  ASSERT_TRUE(board_->Log("b", "x").ok());
  EXPECT_EQ(watcher.news, 1);
  board_->CloseWatchers();
  EXPECT_EQ(watcher.closes, 1);
  EXPECT_EQ(board_->Watch("a", &watcher).code(), StatusCode::kUnavailable);
  board_->Unwatch("a", &watcher);
  ASSERT_TRUE(board_->Log("a", "x").ok());
  EXPECT_EQ(watcher.news, 1);
}

TEST_F(JobBoardTest, NoMoreJobsThanMayWait) {
  board_.reset();
  board_ = *JobBoard::Open(
      *JobStore::Open(file()), [this] { return now_; }, 2);
  Submit("a");
  Submit("b");
  v1::JobSpec spec;
  spec.set_config_yaml("data: {}");
  const auto third = board_->Submit("c", spec, 0, {});
  EXPECT_EQ(third.status().code(), StatusCode::kResourceExhausted);
  EXPECT_THAT(std::string(third.status().message()), HasSubstr("jobs.max_unfinished"));
  EXPECT_EQ(board_->HasPlace(), third.status()) << "asked before";
  EXPECT_FALSE(board_->Get("c").ok());
  EXPECT_TRUE(board_->Submit("a", spec, 0, {}).ok()) << "it is there already";
  ASSERT_TRUE(board_->Cancel("a").ok());
  EXPECT_TRUE(board_->HasPlace().ok());
  EXPECT_TRUE(board_->Submit("c", spec, 0, {}).ok());
}

// The supervisor looks at all records many times a second: a config of a megabyte is not among what it gets.
TEST_F(JobBoardTest, ConfigsAreReadWhereTheyAreNeeded) {
  const std::string config(100'000, 'x');
  Submit("a", config);
  const auto expect_light = [&] {
    EXPECT_EQ(board_->Active().at(0).job.spec().config_yaml(), "");
    EXPECT_EQ(board_->Record("a")->job.spec().config_yaml(), "");
    EXPECT_EQ(board_->List({}, 0, 10)->at(0).job.spec().config_yaml(), "");
    EXPECT_EQ(board_->Spec("a")->config_yaml(), config);
    EXPECT_EQ(board_->Get("a")->spec().config_yaml(), config);
  };
  expect_light();
  ASSERT_TRUE(board_->Transition("a", v1::JOB_STATE_RUNNING, "training").ok());
  expect_light();
  Reopen();
  expect_light();
  EXPECT_EQ(Submit("a", config).state(), v1::JOB_STATE_QUEUED) << "the same spec";
}

// What changes each second lies apart from what may be a megabyte and never changes.
TEST_F(JobBoardTest, ConfigsLieApartFromWhatChanges) {
  Submit("a", std::string(100'000, 'x'));
  SQLite::Database database(file().string());
  EXPECT_LT(database.execAndGet("SELECT LENGTH(spec) + LENGTH(record) FROM jobs").getInt(), 1000);
  EXPECT_EQ(database.execAndGet("SELECT LENGTH(body) FROM configs").getInt(), 100'000);
  ASSERT_TRUE(board_->Cancel("a").ok());
  EXPECT_EQ(board_->Record("a")->job.spec().config_yaml(), "");
  ASSERT_TRUE(board_->Delete("a").ok());
  EXPECT_EQ(database.execAndGet("SELECT COUNT(*) FROM configs").getInt(), 0);
}

// Of a file of schema 2, where configs lay in the rows of their jobs.
TEST_F(JobBoardTest, ConfigsOfAnOlderFileAreFound) {
  const std::string config(1000, 'x');
  Submit("a", config);
  v1::JobSpec spec;
  spec.set_config_yaml(config);
  const std::string bytes = spec.SerializeAsString();
  board_.reset();
  {
    SQLite::Database database(file().string(), SQLite::OPEN_READWRITE);
    SQLite::Statement update(database, "UPDATE jobs SET spec = ?");
    update.bind(1, bytes.data(), static_cast<int>(bytes.size()));
    update.exec();
    database.exec("DROP TABLE configs");
    database.exec("PRAGMA user_version = 2");
  }
  Reopen();
  EXPECT_EQ(board_->Spec("a")->config_yaml(), config);
  EXPECT_EQ(board_->Active().at(0).job.spec().config_yaml(), "");
  EXPECT_EQ(Submit("a", config).state(), v1::JOB_STATE_QUEUED) << "the same spec";
  ASSERT_TRUE(board_->Cancel("a").ok());
  EXPECT_EQ(board_->Record("a")->job.spec().config_yaml(), "");
  Submit("b", config);
  EXPECT_EQ(board_->Spec("b")->config_yaml(), config);
}

TEST_F(JobBoardTest, FieldsOfALaterVersionAreNotKept) {
  v1::JobSpec spec;
  spec.set_config_yaml("data: {}");
  spec.GetReflection()->MutableUnknownFields(&spec)->AddLengthDelimited(1000, std::string(100'000, 'x'));
  ASSERT_TRUE(board_->Submit("a", spec, 0, {}).ok());
  EXPECT_LT(board_->Active().at(0).job.ByteSizeLong(), 1000u);
  EXPECT_TRUE(board_->Submit("a", spec, 0, {}).ok()) << "the same spec";
}

TEST_F(JobBoardTest, AJobWithManyEventsIsDeleted) {
  Submit("a");
  Submit("b");
  for (int i = 0; i < 2500; ++i) ASSERT_TRUE(board_->Log("a", "a line").ok());
  const int64_t number = board_->Record("a")->number;
  EXPECT_FALSE(board_->Delete("a").ok()) << "it has not ended";
  EXPECT_EQ(board_->Events("a", 1, 10000)->size(), 2501u) << "and is whole";
  ASSERT_TRUE(board_->Cancel("a").ok());
  ASSERT_TRUE(board_->Delete("a").ok());
  EXPECT_TRUE(board_->store().Events(number, 1, 10)->empty());
  EXPECT_EQ(board_->Events("b", 1, 10)->size(), 1u);
}

TEST_F(JobBoardTest, ThinningKeepsEveryTransition) {
  Submit("a");
  auto record = board_->Record("a");
  ASSERT_TRUE(record.ok());
  for (int i = 0; i < 200; ++i) {
    v1::JobEvent event;
    event.mutable_progress()->set_step(i);
    ASSERT_TRUE(board_->store().Append(&*record, &event).ok());
  }
  ASSERT_TRUE(board_->store().ThinProgress(record->number, 50).ok());
  const auto events = board_->Events("a", 1, 1000);
  EXPECT_LT(events->size(), 75u);
  EXPECT_TRUE(events->front().has_transition());
  EXPECT_EQ(events->back().progress().step(), 199);
}

TEST_F(JobBoardTest, PublicationsHaveVersions) {
  JobStore& store = board_->store();
  EXPECT_EQ(*store.AddPublication("v", "a", 1), 1);
  EXPECT_EQ(*store.AddPublication("v", "b", 2), 2);
  EXPECT_EQ(*store.AddPublication("w", "b", 3), 1);
  ASSERT_TRUE(store.SetActive("v", 1).ok());
  const auto versions = store.Publications("v");
  ASSERT_EQ(versions->size(), 2u);
  EXPECT_TRUE((*versions)[0].active);
  EXPECT_FALSE((*versions)[1].active);
}

TEST(JobStoreTest, DamagedFilesAreRefusedByName) {
  const TempFolder folder;
  const auto file = folder.path() / "jobs.sqlite";
  std::ofstream(file) << std::string(8192, 'x');
  const auto store = JobStore::Open(file);
  EXPECT_EQ(store.status().code(), StatusCode::kDataLoss);
  EXPECT_THAT(std::string(store.status().message()), HasSubstr(file.string()));
}

TEST(JobStoreTest, ADamagedPageIsFound) {
  const TempFolder folder;
  const auto file = folder.path() / "jobs.sqlite";
  {
    auto store = JobStore::Open(file);
    ASSERT_TRUE(store.ok());
    for (int i = 0; i < 200; ++i) {
      JobRecord record;
      record.job.set_id("job" + std::to_string(i));
      record.job.set_state(v1::JOB_STATE_QUEUED);
      record.job.mutable_spec()->set_config_yaml(std::string(500, 'y'));
      ASSERT_TRUE((*store)->Insert(&record).ok());
    }
  }
  std::fstream bytes(file, std::ios::in | std::ios::out | std::ios::binary);
  for (int page = 2; page < 12; ++page) {
    bytes.seekp(page * 4096);
    bytes.write(std::string(64, '\x7f').data(), 64);
  }
  bytes.close();
  EXPECT_EQ(JobStore::Open(file).status().code(), StatusCode::kDataLoss);
}

TEST(JobStoreTest, AFileOfALaterVersionIsRefused) {
  const TempFolder folder;
  const auto file = folder.path() / "jobs.sqlite";
  ASSERT_TRUE(JobStore::Open(file).ok());
  // The version is a big-endian number at byte 60 of the file (sqlite.org/fileformat.html).
  std::fstream bytes(file, std::ios::in | std::ios::out | std::ios::binary);
  bytes.seekp(60);
  bytes.write("\0\0\0\x63", 4);
  bytes.close();
  const auto store = JobStore::Open(file);
  EXPECT_EQ(store.status().code(), StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(store.status().message()), HasSubstr("later m2ttsd"));
}

}  // namespace
}  // namespace m2tts
