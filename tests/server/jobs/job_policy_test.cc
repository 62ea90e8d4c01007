// Schedules, failures, arrivals: what decides, without a process in sight.
#include <gtest/gtest.h>

#include <csignal>
#include <fstream>

#include "server/jobs/job_failure.h"
#include "server/jobs/job_schedule.h"
#include "server/jobs/serving_activity.h"
#include "tests/core/base/temp_folder.h"

namespace m2tts {
namespace {

std::tm At(int hour, int minute) {
  std::tm time{};
  time.tm_hour = hour;
  time.tm_min = minute;
  return time;
}

TEST(JobScheduleTest, HoursMayPassMidnight) {
  v1::JobSchedule night;
  night.set_hours("22:00-06:00");
  EXPECT_EQ(WhyNotNow(night, At(23, 59), {}), "");
  EXPECT_EQ(WhyNotNow(night, At(0, 0), {}), "");
  EXPECT_EQ(WhyNotNow(night, At(5, 59), {}), "");
  EXPECT_NE(WhyNotNow(night, At(6, 0), {}), "");
  EXPECT_NE(WhyNotNow(night, At(12, 0), {}), "");
  v1::JobSchedule day;
  day.set_hours("09:30-24:00");
  EXPECT_NE(WhyNotNow(day, At(9, 29), {}), "");
  EXPECT_EQ(WhyNotNow(day, At(9, 30), {}), "");
  EXPECT_EQ(WhyNotNow(day, At(23, 59), {}), "");
}

TEST(JobScheduleTest, BadHoursAreErrors) {
  for (const char* text :
       {"", "22-06", "22:00", "22:00-", "-06:00", "25:00-06:00", "22:60-06:00", "22:00-22:00", "aa:bb-cc:dd",
        "22:00-06:00x", "24:01-06:00", "\xff\xff:00-06:00"}) {
    EXPECT_EQ(ParseDayHours(text).status().code(), StatusCode::kInvalidArgument) << text;
  }
}

TEST(JobScheduleTest, UnknownMainsHasNoSay) {
  v1::JobSchedule mains;
  mains.set_on_mains_power(true);
  EXPECT_EQ(WhyNotNow(mains, At(1, 0), std::nullopt), "");
  EXPECT_EQ(WhyNotNow(mains, At(1, 0), true), "");
  EXPECT_NE(WhyNotNow(mains, At(1, 0), false), "");
}

TEST(JobScheduleTest, MainsPowerOfLinux) {
  const TempFolder folder;
  EXPECT_EQ(OnMainsPower(folder.path()), std::nullopt);
  const auto supply = folder.path() / "sys/class/power_supply/AC";
  std::filesystem::create_directories(supply);
  std::ofstream(supply / "type") << "Mains\n";
  std::ofstream(supply / "online") << "0\n";
  EXPECT_EQ(OnMainsPower(folder.path()), false);
  std::ofstream(supply / "online") << "1\n";
  EXPECT_EQ(OnMainsPower(folder.path()), true);
}

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

TEST(JobFailureTest, ConfigIsNeverTriedAgain) {
  const v1::RetryPolicy policy;
  EXPECT_FALSE(MayRetry(FailureClass::kConfig, 1, policy));
  EXPECT_TRUE(MayRetry(FailureClass::kCrash, 1, policy));
  EXPECT_FALSE(MayRetry(FailureClass::kCrash, 4, policy));
}

TEST(JobFailureTest, DelaysDoubleUpToAnHour) {
  v1::RetryPolicy policy;
  EXPECT_EQ(RetryDelay(1, policy), 10.0);
  EXPECT_EQ(RetryDelay(3, policy), 40.0);
  EXPECT_EQ(RetryDelay(100, policy), 3600.0);
  policy.mutable_backoff()->set_seconds(0);
  EXPECT_EQ(RetryDelay(5, policy), 0.0);
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
