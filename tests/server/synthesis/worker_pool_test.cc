#include "server/synthesis/worker_pool.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <optional>
#include <string>

namespace m2tts {
namespace {

using testing::ElementsAre;

// One thread, that waits until the test has posted what it wants.
class WorkerPoolTest : public testing::Test {
 protected:
  WorkerPoolTest() {
    pool_->Post([this] { begin_.get_future().wait(); });
  }
  void Finish() {
    std::promise<void> done;
    pool_->Post([&done] { done.set_value(); });
    begin_.set_value();
    done.get_future().wait();
  }
  Task Say(const std::string& what) {
    return [this, what] { said_.push_back(what); };
  }

  std::promise<void> begin_;
  std::vector<std::string> said_;
  std::optional<WorkerPool> pool_{std::in_place, 1, 2};
};

TEST_F(WorkerPoolTest, RunsInTheOrderOfPosting) {
  pool_->Post(Say("a"));
  EXPECT_TRUE(pool_->TryPost(Say("b")));
  pool_->PostAgain(Say("c"));
  Finish();
  EXPECT_THAT(said_, ElementsAre("a", "b", "c"));
}

TEST_F(WorkerPoolTest, RefusesNewOnesWhileManyWait) {
  EXPECT_TRUE(pool_->TryPost(Say("a")));
  EXPECT_TRUE(pool_->TryPost(Say("b")));
  EXPECT_FALSE(pool_->TryPost(Say("c")));
  pool_->PostAgain(Say("d"));  // it was let in
  pool_->Post(Say("e"));
  Finish();
  EXPECT_THAT(said_, ElementsAre("a", "b", "d", "e"));
}

TEST_F(WorkerPoolTest, WhatGoesOnCountsAsWaiting) {
  pool_->PostAgain(Say("a"));
  pool_->PostAgain(Say("b"));
  EXPECT_FALSE(pool_->TryPost(Say("c")));
  Finish();
  EXPECT_TRUE(pool_->TryPost([] {}));
}

// Whoever does a step at a time lets the others in between.
TEST_F(WorkerPoolTest, StepsTakeTurns) {
  ASSERT_TRUE(pool_->TryPost([this] {
    said_.push_back("long 1");
    pool_->PostAgain(Say("long 2"));
  }));
  pool_->Post(Say("short"));
  begin_.set_value();
  pool_.reset();
  EXPECT_THAT(said_, ElementsAre("long 1", "short", "long 2"));
}

}  // namespace
}  // namespace m2tts
