// Copies of real stores, also while they are written.
#include "server/jobs/job_backup.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <thread>

#include "core/base/file.h"
#include "server/jobs/job_store.h"
#include "tests/core/base/temp_folder.h"

namespace m2tts {
namespace {

namespace fs = std::filesystem;

class JobBackupTest : public testing::Test {
 protected:
  fs::path file() const { return folder_.path() / "state" / "jobs.sqlite"; }
  fs::path copy() const { return folder_.path() / "backups" / "jobs"; }

  std::unique_ptr<JobStore> Open(const fs::path& path) {
    auto store = JobStore::Open(path);
    EXPECT_TRUE(store.ok()) << store.status();
    return *std::move(store);
  }
  static Status Insert(JobStore* store, int i) {
    JobRecord record;
    record.job.set_id("job" + std::to_string(i));
    record.job.set_state(v1::JOB_STATE_QUEUED);
    record.job.mutable_spec()->set_config_yaml(std::string(500, 'y'));
    return store->Insert(&record);
  }
  void FillStore(int jobs) {
    const auto store = Open(file());
    for (int i = 0; i < jobs; ++i) ASSERT_TRUE(Insert(store.get(), i).ok());
  }
  // Of the folder of the copy.
  std::vector<std::string> Files() const {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(copy().parent_path())) {
      names.push_back(entry.path().filename().string());
    }
    return names;
  }

  TempFolder folder_;
};

TEST_F(JobBackupTest, OfOneMomentWhileJobsAreAdded) {
  const auto store = Open(file());
  std::atomic<int> added{0};
  std::atomic<bool> stop{false};
  std::thread writer([&] {
    while (!stop && Insert(store.get(), added).ok()) ++added;
  });
  for (int round = 1; round <= 5; ++round) {
    const int before = round * 10;
    while (added < before) std::this_thread::yield();
    const Status copied = BackUpJobs(file(), copy());
    ASSERT_TRUE(copied.ok()) << copied;
    SQLite::Database database(copy().string());
    EXPECT_EQ(database.execAndGet("PRAGMA integrity_check").getString(), "ok");
    const int jobs = database.execAndGet("SELECT COUNT(*) FROM jobs").getInt();
    EXPECT_GE(jobs, before);
    // A job and its history are written together.
    EXPECT_EQ(database.execAndGet("SELECT COUNT(*) FROM transitions").getInt(), jobs);
    EXPECT_EQ(database.execAndGet("SELECT COUNT(*) FROM events").getInt(), jobs);
  }
  stop = true;
  writer.join();
  EXPECT_TRUE(Insert(store.get(), added).ok());  // nothing has come to the store
  const auto restored = Open(copy());
  const auto job = restored->Get("job0");
  ASSERT_TRUE(job.ok()) << job.status();
  EXPECT_EQ(job->job.spec().config_yaml(), std::string(500, 'y'));
}

TEST_F(JobBackupTest, OneFileThatReplacesTheOneBefore) {
  FillStore(1);
  ASSERT_TRUE(BackUpJobs(file(), copy()).ok());
  const auto store = Open(file());
  ASSERT_TRUE(Insert(store.get(), 1).ok());
  ASSERT_TRUE(BackUpJobs(file(), copy()).ok());
  EXPECT_THAT(Files(), testing::ElementsAre("jobs"));
  EXPECT_EQ(fs::status(copy()).permissions(), fs::perms::owner_read | fs::perms::owner_write);
  SQLite::Database database(copy().string());
  EXPECT_EQ(database.execAndGet("SELECT COUNT(*) FROM jobs").getInt(), 2);
  EXPECT_EQ(database.execAndGet("PRAGMA journal_mode").getString(), "delete");
}

TEST_F(JobBackupTest, TheStoreIsNotChanged) {
  FillStore(3);
  const std::string before = *ReadFile(file());
  ASSERT_TRUE(BackUpJobs(file(), copy()).ok());
  EXPECT_EQ(*ReadFile(file()), before);
}

TEST_F(JobBackupTest, ADamagedStoreLeavesTheCopyBefore) {
  FillStore(200);
  ASSERT_TRUE(WriteFileAtomic(copy(), "the copy before").ok());
  {
    std::fstream bytes(file(), std::ios::in | std::ios::out | std::ios::binary);
    for (int page = 2; page < 12; ++page) bytes.seekp(page * 4096).write(std::string(64, '\x7f').data(), 64);
  }
  EXPECT_EQ(BackUpJobs(file(), copy()).code(), StatusCode::kDataLoss);
  ASSERT_TRUE(WriteFileAtomic(file(), std::string(8192, 'x')).ok());
  const Status no_store = BackUpJobs(file(), copy());
  EXPECT_EQ(no_store.code(), StatusCode::kDataLoss);
  EXPECT_THAT(std::string(no_store.message()), testing::HasSubstr(file().string()));
  EXPECT_EQ(*ReadFile(copy()), "the copy before");
  EXPECT_THAT(Files(), testing::ElementsAre("jobs"));
}

TEST_F(JobBackupTest, WhatIsNoPlaceForACopy) {
  EXPECT_EQ(BackUpJobs(file(), copy()).code(), StatusCode::kNotFound);
  FillStore(1);
  EXPECT_EQ(BackUpJobs(file(), file()).code(), StatusCode::kInvalidArgument);
  fs::create_directories(copy() / "folder");
  EXPECT_FALSE(BackUpJobs(file(), copy()).ok());
  EXPECT_FALSE(BackUpJobs(file(), copy() / "").ok());
  EXPECT_THAT(Files(), testing::ElementsAre("jobs"));
  EXPECT_TRUE(Open(file())->Get("job0").ok());
}

}  // namespace
}  // namespace m2tts
