#include "core/base/parallel_for.h"

#include <gtest/gtest.h>

#include <set>

namespace m2tts {
namespace {

TEST(ParallelForTest, EachItemOnceWhateverTheNumberOfThreads) {
  EXPECT_GE(BusyThreads(), 1);
  for (const int threads : {1, 3, 16}) {
    std::vector<std::atomic<int>> calls(100);
    ASSERT_TRUE(ParallelFor(calls.size(), threads, [&](size_t i) {
                  ++calls[i];
                  return OkStatus();
                }).ok());
    for (const auto& count : calls) EXPECT_EQ(count, 1);
  }
  EXPECT_TRUE(ParallelFor(0, 4, [](size_t) { return Internal("never"); }).ok());
}

TEST(ParallelForTest, SeveralAtATime) {
  Mutex mutex;
  CondVar changed;
  int inside = 0;
  // Each waits for the other.
  EXPECT_TRUE(ParallelFor(2, 2, [&](size_t) {
                MutexLock lock(&mutex);
                ++inside;
                changed.NotifyAll();
                while (inside < 2) changed.Wait(&mutex);
                return OkStatus();
              }).ok());
}

TEST(ParallelForTest, AnErrorEndsTheWork) {
  std::set<size_t> done;
  const Status status = ParallelFor(100, 1, [&](size_t i) {
    done.insert(i);
    return i == 7 ? Internal("item {}", i) : OkStatus();
  });
  EXPECT_EQ(status.message(), "item 7");
  EXPECT_EQ(done.size(), 8u);
  EXPECT_FALSE(ParallelFor(100, 8, [](size_t i) { return i % 10 == 9 ? Internal("x") : OkStatus(); }).ok());
}

}  // namespace
}  // namespace m2tts
