#include "server/ops/exit_deadline.h"

#include <gtest/gtest.h>

#include <future>

namespace m2tts {
namespace {

TEST(ExitDeadlineTest, CallsWhenTheEndTakesTooLong) {
  std::promise<void> late;
  const ExitDeadline deadline(std::chrono::milliseconds(1), [&late] { late.set_value(); });
  late.get_future().wait();  // the test's own time limit is the failure
}

TEST(ExitDeadlineTest, DoesNotWhenItIsInTime) {
  bool late = false;
  {
    const ExitDeadline deadline(std::chrono::hours(1), [&late] { late = true; });
  }
  EXPECT_FALSE(late);
}

}  // namespace
}  // namespace m2tts
