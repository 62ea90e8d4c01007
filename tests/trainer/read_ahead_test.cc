#include "trainer/data/read_ahead.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <set>

namespace m2tts {
namespace {

using Pair = std::pair<int64_t, int>;

StatusOr<Pair> TakeBoth(int64_t step, int parts) {
  return Pair(step, parts);
}

TEST(ReadAheadTest, EachStepGetsItsOwn) {
  for (const int threads : {0, 1, 4}) {
    ReadAhead<Pair> ahead(threads, TakeBoth);
    for (int64_t step = 0; step < 200; ++step) EXPECT_EQ(*ahead.Take(step, 1), Pair(step, 1)) << threads;
  }
}

TEST(ReadAheadTest, AStepAgainInMorePartsAndAnEarlierOne) {
  for (const int threads : {0, 1, 4}) {
    ReadAhead<Pair> ahead(threads, TakeBoth);
    EXPECT_EQ(*ahead.Take(7, 1), Pair(7, 1));
    EXPECT_EQ(*ahead.Take(7, 2), Pair(7, 2)) << "the step that ran out of memory";
    EXPECT_EQ(*ahead.Take(8, 2), Pair(8, 2));
    EXPECT_EQ(*ahead.Take(3, 2), Pair(3, 2)) << "after a rollback";
    EXPECT_EQ(*ahead.Take(4, 2), Pair(4, 2));
    EXPECT_EQ(*ahead.Take(90, 2), Pair(90, 2));
  }
}

TEST(ReadAheadTest, WhatComesIsMadeBeforeItIsTaken) {
  Mutex mutex;
  CondVar changed;
  std::set<int64_t> made;
  ReadAhead<int64_t> ahead(3, [&](int64_t step, int) -> StatusOr<int64_t> {
    MutexLock lock(&mutex);
    made.insert(step);
    changed.NotifyAll();
    return step;
  });
  EXPECT_TRUE(made.empty()) << "nobody knows yet at which step a run begins";
  EXPECT_EQ(*ahead.Take(10, 1), 10);
  const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  MutexLock lock(&mutex);
  // Several make them, in any order.
  const auto all = [&] { return made.count(10) + made.count(11) + made.count(12) + made.count(13) == 4; };
  while (!all() && changed.WaitUntil(&mutex, limit)) {
  }
  for (int64_t step = 10; step < 14; ++step) EXPECT_EQ(made.count(step), 1u) << step;
  EXPECT_LE(*made.rbegin(), 14) << "memory is bounded: three ahead of the next";
}

TEST(ReadAheadTest, AnErrorComesWithItsStep) {
  ReadAhead<int64_t> ahead(2, [](int64_t step, int) -> StatusOr<int64_t> {
    if (step == 2) return DataLoss("clip of step {} is gone", step);
    return step;
  });
  EXPECT_EQ(*ahead.Take(0, 1), 0);
  EXPECT_EQ(*ahead.Take(1, 1), 1);
  EXPECT_EQ(ahead.Take(2, 1).status().message(), "clip of step 2 is gone");
  EXPECT_EQ(*ahead.Take(3, 1), 3);
}

TEST(ReadAheadTest, EndsWhileThreadsAreAtWork) {
  std::atomic<int> running{0};
  {
    ReadAhead<int64_t> ahead(4, [&](int64_t step, int) -> StatusOr<int64_t> {
      ++running;
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
      --running;
      return step;
    });
    EXPECT_EQ(*ahead.Take(0, 1), 0);
  }
  EXPECT_EQ(running.load(), 0);
}

}  // namespace
}  // namespace m2tts
