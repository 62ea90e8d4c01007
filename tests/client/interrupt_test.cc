#include "client/interrupt.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <future>

namespace m2tts {
namespace {

TEST(InterruptWatcherTest, SignalRunsTheHandler) {
  InterruptWatcher watcher;
  std::promise<void> called;
  ScopedInterruptHandler handler(&watcher, [&called] { called.set_value(); });
  kill(getpid(), SIGINT);
  EXPECT_EQ(called.get_future().wait_for(std::chrono::seconds(30)), std::future_status::ready);
}

TEST(InterruptWatcherTest, LateHandlerRunsAtOnce) {
  InterruptWatcher watcher;
  std::promise<void> called;
  watcher.SetHandler([&called] { called.set_value(); });
  kill(getpid(), SIGINT);
  called.get_future().wait();
  bool late = false;
  watcher.SetHandler([&late] { late = true; });
  EXPECT_TRUE(late);
}

TEST(InterruptWatcherTest, EndsWithoutASignal) {
  InterruptWatcher watcher;
}

TEST(InterruptWatcherTest, AbsentWatcherIsFine) {
  ScopedInterruptHandler handler(nullptr, [] { FAIL(); });
}

TEST(InterruptWatcherDeathTest, WithoutAHandlerASignalEndsTheProcess) {
  ::testing::FLAGS_gtest_death_test_style = "threadsafe";
  EXPECT_EXIT(
      {
        InterruptWatcher watcher;
        kill(getpid(), SIGTERM);
        pause();
      },
      ::testing::ExitedWithCode(130), "");
}

}  // namespace
}  // namespace m2tts
