// Hours and mains power: the rules. How a job obeys them: job_hours_test.cc.
#include "server/jobs/job_schedule.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>

#include "tests/core/base/temp_folder.h"

namespace m2tts {
namespace {

std::tm At(int hour, int minute, int second = 0) {
  std::tm time{};
  time.tm_hour = hour;
  time.tm_min = minute;
  time.tm_sec = second;
  return time;
}

v1::JobSchedule Hours(const std::string& hours) {
  v1::JobSchedule schedule;
  schedule.set_hours(hours);
  return schedule;
}

TEST(JobScheduleTest, HoursMayPassMidnight) {
  const v1::JobSchedule night = Hours("22:00-06:00");
  EXPECT_NE(WhyNotNow(night, At(21, 59, 59), {}), "");
  EXPECT_EQ(WhyNotNow(night, At(22, 0), {}), "");
  EXPECT_EQ(WhyNotNow(night, At(23, 59, 59), {}), "");
  EXPECT_EQ(WhyNotNow(night, At(0, 0), {}), "");
  EXPECT_EQ(WhyNotNow(night, At(5, 59, 59), {}), "");
  EXPECT_NE(WhyNotNow(night, At(6, 0), {}), "");
  EXPECT_NE(WhyNotNow(night, At(12, 0), {}), "");
}

TEST(JobScheduleTest, TheBeginningIsInsideAndTheEndIsNot) {
  const v1::JobSchedule day = Hours("09:30-17:00");
  EXPECT_NE(WhyNotNow(day, At(9, 29, 59), {}), "");
  EXPECT_EQ(WhyNotNow(day, At(9, 30), {}), "");
  EXPECT_EQ(WhyNotNow(day, At(16, 59, 59), {}), "");
  EXPECT_NE(WhyNotNow(day, At(17, 0), {}), "");
  const v1::JobSchedule minute = Hours("23:59-00:00");
  EXPECT_NE(WhyNotNow(minute, At(23, 58, 59), {}), "");
  EXPECT_EQ(WhyNotNow(minute, At(23, 59, 59), {}), "");
  EXPECT_NE(WhyNotNow(minute, At(0, 0), {}), "");
}

// Every minute of the day belongs to a span or to the one from its end to its beginning, never to both.
TEST(JobScheduleTest, ASpanAndItsOppositeShareTheDay) {
  for (const auto& [one, other] : std::map<std::string, std::string>{{"22:00-06:00", "06:00-22:00"},
                                                                     {"00:00-00:01", "00:01-24:00"},
                                                                     {"24:00-12:30", "12:30-00:00"},
                                                                     {"09:30-24:00", "00:00-09:30"}}) {
    const auto a = ParseDayHours(one), b = ParseDayHours(other);
    ASSERT_TRUE(a.ok() && b.ok()) << one << " " << other;
    for (int minute = 0; minute < 24 * 60; ++minute) {
      EXPECT_NE(a->Contains(minute), b->Contains(minute)) << one << " " << other << " at " << minute;
    }
  }
}

TEST(JobScheduleTest, TheWholeDay) {
  const auto hours = ParseDayHours("00:00-24:00");
  ASSERT_TRUE(hours.ok()) << hours.status();
  for (int minute = 0; minute < 24 * 60; ++minute) EXPECT_TRUE(hours->Contains(minute)) << minute;
}

TEST(JobScheduleTest, BadHoursAreErrors) {
  for (const char* text :
       {"", "22-06", "22:00", "22:00-", "-06:00", "25:00-06:00", "22:60-06:00", "22:00-22:00", "aa:bb-cc:dd",
        "22:00-06:00x", "24:01-06:00", "\xff\xff:00-06:00", "22:00-06:00-12:00", " 22:00-06:00",
        "+2:00-06:00", "-1:00-06:00", "22:00--6:00"}) {
    EXPECT_EQ(ParseDayHours(text).status().code(), StatusCode::kInvalidArgument) << text;
  }
}

TEST(JobScheduleTest, UnknownMainsHasNoSay) {
  v1::JobSchedule mains;
  mains.set_on_mains_power(true);
  EXPECT_EQ(WhyNotNow(mains, At(1, 0), std::nullopt), "");
  EXPECT_EQ(WhyNotNow(mains, At(1, 0), true), "");
  EXPECT_EQ(WhyNotNow(mains, At(1, 0), false), "waits for mains power");
}

TEST(JobScheduleTest, BothConditionsHaveToHold) {
  v1::JobSchedule both = Hours("22:00-06:00");
  both.set_on_mains_power(true);
  EXPECT_EQ(WhyNotNow(both, At(23, 0), true), "");
  EXPECT_EQ(WhyNotNow(both, At(12, 0), true), "waits for 22:00-06:00");
  EXPECT_EQ(WhyNotNow(both, At(23, 0), false), "waits for mains power");
  both.set_on_mains_power(false);
  EXPECT_EQ(WhyNotNow(both, At(23, 0), false), "");
}

#ifndef __APPLE__
class MainsPowerTest : public testing::Test {
 protected:
  using Files = std::map<std::string, std::string>;
  // Files of /sys/class/power_supply/NAME.
  void Supply(const std::string& name, const Files& files) {
    const auto supply = folder_.path() / "sys/class/power_supply" / name;
    std::filesystem::create_directories(supply);
    for (const auto& [file, content] : files) std::ofstream(supply / file) << content << "\n";
  }
  std::optional<bool> Mains() const { return OnMainsPower(folder_.path()); }

  TempFolder folder_;
};

TEST_F(MainsPowerTest, NoSuppliesAreUnknown) {
  EXPECT_EQ(Mains(), std::nullopt);
}

TEST_F(MainsPowerTest, AMainsSupplyTells) {
  Supply("AC", {{"type", "Mains"}, {"online", "0"}});
  EXPECT_EQ(Mains(), false);
  Supply("AC", {{"online", "1"}});
  EXPECT_EQ(Mains(), true);
}

TEST_F(MainsPowerTest, AnySupplyThatFeedsIsEnough) {
  Supply("AC", {{"type", "Mains"}, {"online", "0"}});
  Supply("BAT0", {{"type", "Battery"}, {"status", "Discharging"}});
  Supply("ucsi1", {{"type", "USB"}, {"online", "2"}});
  EXPECT_EQ(Mains(), true);
}

TEST_F(MainsPowerTest, AnEmptyUsbPortOfADesktopTellsNothing) {
  Supply("ucsi1", {{"type", "USB"}, {"online", "0"}});
  EXPECT_EQ(Mains(), std::nullopt);
}

TEST_F(MainsPowerTest, ALaptopThatIsChargedByUsbRunsOnItsBatteryWithoutIt) {
  Supply("ucsi1", {{"type", "USB"}, {"online", "0"}});
  Supply("BAT0", {{"type", "Battery"}, {"status", "Discharging"}});
  EXPECT_EQ(Mains(), false);
  Supply("BAT0", {{"status", "Full"}});
  EXPECT_EQ(Mains(), std::nullopt);
}

TEST_F(MainsPowerTest, TheBatteryOfAMouseTellsNothing) {
  Supply("hidpp_battery_0", {{"type", "Battery"}, {"scope", "Device"}, {"status", "Discharging"}});
  EXPECT_EQ(Mains(), std::nullopt);
}
#endif

}  // namespace
}  // namespace m2tts
