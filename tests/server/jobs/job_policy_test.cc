// Failures, arrivals: what decides, without a process in sight.
#include <gtest/gtest.h>

#include <csignal>
#include <cstring>

#include "server/jobs/job_failure.h"
#include "server/jobs/serving_activity.h"

namespace m2tts {
namespace {

WorkerExit ExitCode(int code, std::optional<Status> done = {}) {
  WorkerExit exit;
  exit.code = code;
  exit.done = std::move(done);
  return exit;
}

WorkerExit Killed(int signal, bool out_of_memory = false) {
  WorkerExit exit;
  exit.signal = signal;
  exit.oom_killed = out_of_memory;
  return exit;
}

TEST(JobFailureTest, Classes) {
  EXPECT_EQ(ClassifyFailure(ExitCode(2)), FailureClass::kConfig);
  EXPECT_EQ(ClassifyFailure(ExitCode(4)), FailureClass::kHeat);
  EXPECT_EQ(ClassifyFailure(ExitCode(130)), FailureClass::kInterrupt);
  EXPECT_EQ(ClassifyFailure(ExitCode(1)), FailureClass::kCrash);
  EXPECT_EQ(ClassifyFailure(ExitCode(1, Internal("x"))), FailureClass::kCrash);
  EXPECT_EQ(ClassifyFailure(ExitCode(1, NotFound("x"))), FailureClass::kConfig);
  EXPECT_EQ(ClassifyFailure(ExitCode(1, Errorf(StatusCode::kResourceExhausted, "out of memory"))),
            FailureClass::kMemory);
  EXPECT_EQ(
      ClassifyFailure(ExitCode(1, Errorf(StatusCode::kResourceExhausted, "x: No space left on device"))),
      FailureClass::kDisk);
  EXPECT_EQ(ClassifyFailure(Killed(SIGSEGV)), FailureClass::kCrash);
  EXPECT_EQ(ClassifyFailure(Killed(SIGTERM)), FailureClass::kInterrupt);
  // Killed by somebody is not killed for lack of memory: the batches stay as they are.
  EXPECT_EQ(ClassifyFailure(Killed(SIGKILL)), FailureClass::kCrash);
  EXPECT_EQ(ClassifyFailure(Killed(SIGKILL, true)), FailureClass::kMemory);
  WorkerExit plain = ExitCode(1);
  plain.plain = true;
  EXPECT_EQ(ClassifyFailure(plain), FailureClass::kConfig);
}

TEST(JobFailureTest, MoreClasses) {
  // Its time or its steps were spent (docs/training.md): no failure of the job.
  EXPECT_EQ(ClassifyFailure(ExitCode(3)), FailureClass::kInterrupt);
  EXPECT_EQ(ClassifyFailure(Killed(SIGINT)), FailureClass::kInterrupt);
  EXPECT_EQ(ClassifyFailure(Killed(SIGHUP)), FailureClass::kInterrupt);
  EXPECT_EQ(ClassifyFailure(ExitCode(1, InvalidArgument("x"))), FailureClass::kConfig);
  for (const StatusCode code : {StatusCode::kFailedPrecondition, StatusCode::kPermissionDenied}) {
    EXPECT_EQ(ClassifyFailure(ExitCode(1, Errorf(code, "x"))), FailureClass::kConfig);
  }
  for (const char* said : {"x: Disk quota exceeded", "x: File too large"}) {
    EXPECT_EQ(ClassifyFailure(ExitCode(1, Internal("{}", said))), FailureClass::kDisk) << said;
  }
  WorkerExit aborted = Killed(SIGABRT);
  EXPECT_EQ(ClassifyFailure(aborted), FailureClass::kCrash);
  aborted.last_line = "  what():  std::bad_alloc";
  EXPECT_EQ(ClassifyFailure(aborted), FailureClass::kMemory);
}

TEST(JobFailureTest, WhoWasKilledByTheDaemonHasCrashed) {
  WorkerExit exit = Killed(SIGKILL, /*out_of_memory=*/true);
  exit.killed_for = "talks without end";
  exit.last_line = "x: No space left on device";
  EXPECT_EQ(ClassifyFailure(exit), FailureClass::kCrash);
  EXPECT_EQ(DescribeFailure(exit), "crash: killed, since it talks without end");
}

TEST(JobFailureTest, AreDescribedByTheBestThatIsKnown) {
  WorkerExit exit = ExitCode(1);
  EXPECT_EQ(DescribeFailure(exit), "crash: exit code 1");
  exit.last_line = "Segmentation fault";
  EXPECT_EQ(DescribeFailure(exit), "crash: Segmentation fault");
  exit.done = OkStatus();
  EXPECT_EQ(DescribeFailure(exit), "crash: Segmentation fault") << "OK tells nothing";
  exit.done = InvalidArgument("data.root: missing");
  EXPECT_EQ(DescribeFailure(exit), "config: data.root: missing");
  EXPECT_EQ(DescribeFailure(Killed(SIGSEGV)),
            fmt::format("crash: signal {} ({})", SIGSEGV, strsignal(SIGSEGV)));
}

TEST(JobFailureTest, ClassesHaveNames) {
  EXPECT_STREQ(FailureClassName(FailureClass::kConfig), "config");
  EXPECT_STREQ(FailureClassName(FailureClass::kMemory), "memory");
  EXPECT_STREQ(FailureClassName(FailureClass::kDisk), "disk");
  EXPECT_STREQ(FailureClassName(FailureClass::kHeat), "heat");
  EXPECT_STREQ(FailureClassName(FailureClass::kInterrupt), "interrupt");
  EXPECT_STREQ(FailureClassName(FailureClass::kCrash), "crash");
}

TEST(JobFailureTest, ConfigIsNeverTriedAgain) {
  const v1::RetryPolicy policy;
  EXPECT_FALSE(MayRetry(FailureClass::kConfig, 1, policy));
  EXPECT_TRUE(MayRetry(FailureClass::kCrash, 1, policy));
  EXPECT_FALSE(MayRetry(FailureClass::kCrash, 4, policy));
}

TEST(JobFailureTest, AttemptsAreFailuresInARow) {
  v1::RetryPolicy policy;
  policy.set_max_attempts(1);
  EXPECT_FALSE(MayRetry(FailureClass::kMemory, 1, policy));
  policy.set_max_attempts(100);
  EXPECT_TRUE(MayRetry(FailureClass::kDisk, 99, policy));
  EXPECT_FALSE(MayRetry(FailureClass::kDisk, 100, policy));
}

TEST(JobFailureTest, DelaysDoubleUpToAnHour) {
  v1::RetryPolicy policy;
  EXPECT_EQ(RetryDelay(1, policy), 10.0);
  EXPECT_EQ(RetryDelay(3, policy), 40.0);
  EXPECT_EQ(RetryDelay(100, policy), 3600.0);
  policy.mutable_backoff()->set_seconds(0);
  EXPECT_EQ(RetryDelay(5, policy), 0.0);
  policy.mutable_backoff()->set_nanos(250'000'000);
  EXPECT_DOUBLE_EQ(RetryDelay(1, policy), 0.25);
  EXPECT_DOUBLE_EQ(RetryDelay(4, policy), 2.0);
  policy.mutable_backoff()->set_seconds(3600);
  EXPECT_EQ(RetryDelay(2, policy), 3600.0);
}

TEST(ArrivalRateTest, FollowsTheCount) {
  ArrivalRate rate(1.0);
  ArrivalRate::Time now{};
  rate.Update(0, now);
  for (int i = 1; i <= 100; ++i) {
    now += std::chrono::milliseconds(100);
    rate.Update(i, now);  // ten a second
  }
  EXPECT_NEAR(rate.Update(100, now), 10.0, 0.01);
  now += std::chrono::seconds(10);
  EXPECT_LT(rate.Update(100, now), 0.01);
}

TEST(ArrivalRateTest, Probability) {
  EXPECT_EQ(ArrivalProbability(0.0, 1.0), 0.0);
  EXPECT_NEAR(ArrivalProbability(1.0, 1.0), 0.632, 0.001);
}

}  // namespace
}  // namespace m2tts
