#include "core/base/mutex.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace m2tts {
namespace {

struct Counter {
  Mutex mutex;
  CondVar changed;
  int value ABSL_GUARDED_BY(mutex) = 0;
};

TEST(Mutex, ExcludesAndWakes) {
  constexpr int kThreads = 4;
  constexpr int kSteps = 1000;
  Counter counter;
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&counter] {
      for (int step = 0; step < kSteps; ++step) {
        MutexLock lock(&counter.mutex);
        ++counter.value;
        counter.changed.NotifyAll();
      }
    });
  }
  {
    MutexLock lock(&counter.mutex);
    while (counter.value < kThreads * kSteps) counter.changed.Wait(&counter.mutex);
    EXPECT_EQ(counter.value, kThreads * kSteps);
  }
  for (std::thread& thread : threads) thread.join();
}

TEST(Mutex, WaitUntilAPassedDeadlineReturnsFalse) {
  Counter counter;
  MutexLock lock(&counter.mutex);
  EXPECT_FALSE(counter.changed.WaitUntil(&counter.mutex, std::chrono::steady_clock::time_point::min()));
}

}  // namespace
}  // namespace m2tts
