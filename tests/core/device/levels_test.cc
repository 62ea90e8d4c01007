#include "core/device/levels.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

namespace m2tts {
namespace {

using std::chrono::seconds;
using ::testing::HasSubstr;

class LevelsTest : public testing::Test {
 protected:
  // One reading per second.
  LevelReport Heat(std::optional<double> celsius) {
    ThermalReading reading;
    reading.celsius = celsius;
    return tracker_.Thermal(reading, now_ += seconds(1));
  }
  LevelReport Memory(double available, double limit, std::optional<double> stall = std::nullopt) {
    MemoryReading reading;
    reading.available_bytes = static_cast<int64_t>(available);
    reading.limit_bytes = static_cast<int64_t>(limit);
    reading.stall_percent = stall;
    return tracker_.Memory(reading, now_ += seconds(1));
  }

  LevelTracker tracker_{LevelOptions()};  // 80, 90, 100 C, hysteresis 5, dwell 10 s
  LevelTracker::Time now_;
};

TEST(LevelLimitsTest, ThresholdsAreInclusive) {
  const LevelLimits limits = {10, 20, 30, 1};
  EXPECT_EQ(limits.Of(9.9), Level::kNominal);
  EXPECT_EQ(limits.Of(10), Level::kFair);
  EXPECT_EQ(limits.Of(20), Level::kSerious);
  EXPECT_EQ(limits.Of(1e9), Level::kCritical);
  EXPECT_EQ(limits.Of(std::nan("")), Level::kNominal);
}

TEST_F(LevelsTest, UnknownHasNoLevel) {
  EXPECT_FALSE(Heat(std::nullopt).level.has_value());
  EXPECT_FALSE(tracker_.Memory(MemoryReading(), now_).level.has_value());
  EXPECT_EQ(Heat(40).level, Level::kNominal);
}

TEST_F(LevelsTest, ANumberThatIsNoneIsUnknownAndNotCool) {
  EXPECT_FALSE(Heat(std::nan("")).level.has_value());
  Heat(95);
  EXPECT_EQ(Heat(95).level, Level::kSerious);
  EXPECT_NE(Heat(std::nan("")).level, Level::kNominal) << "before the dwell is over";
}

TEST_F(LevelsTest, RisesAtTheSecondReadingInARow) {
  EXPECT_EQ(Heat(120).level, Level::kNominal);
  EXPECT_EQ(Heat(50).level, Level::kNominal) << "one wild reading";
  EXPECT_EQ(Heat(101).level, Level::kNominal);
  EXPECT_EQ(Heat(91).level, Level::kSerious) << "what both say";
  EXPECT_EQ(Heat(100).level, Level::kSerious);
  const LevelReport critical = Heat(100);
  EXPECT_EQ(critical.level, Level::kCritical);
  EXPECT_EQ(critical.reason, "100.0 C (critical from 100)");
}

TEST_F(LevelsTest, ASensorThatDropsEveryOtherReadingIsHeard) {
  Heat(101);
  EXPECT_FALSE(Heat(std::nullopt).level.has_value()) << "nothing confirms it";
  EXPECT_EQ(Heat(101).level, Level::kCritical);
}

TEST_F(LevelsTest, TwoReadingsThatAreFarApartAreNotInARow) {
  Heat(101);
  for (int i = 0; i < 10; ++i) Heat(std::nullopt);
  EXPECT_EQ(Heat(101).level, Level::kNominal);
  EXPECT_EQ(Heat(101).level, Level::kCritical);
}

// As where a step of a training takes longer than the dwell.
TEST(LevelIntervalTest, ReadingsAsFarApartAsTheDwellAndFurtherRise) {
  for (const int dwell : {0, 10}) {
    for (const int interval : {1, 10, 15, 600}) {
      LevelOptions options;
      options.min_dwell = std::chrono::seconds(dwell);
      LevelTracker tracker(options);
      LevelTracker::Time now{std::chrono::hours(1)};
      ThermalReading hot;
      hot.celsius = 120.0;
      EXPECT_EQ(tracker.Thermal(hot, now).level, Level::kNominal);
      now += std::chrono::seconds(interval);
      EXPECT_EQ(tracker.Thermal(hot, now).level, Level::kCritical) << dwell << " " << interval;
    }
  }
}

TEST_F(LevelsTest, TheReasonSaysHowFarItMustFall) {
  Heat(91);
  EXPECT_EQ(Heat(91).reason, "91.0 C (serious from 90)");
  EXPECT_EQ(Heat(87).reason, "91.0 C (serious from 90)") << "what asked for it last";
  EXPECT_EQ(Heat(97).reason, "97.0 C (serious from 90)") << "no level that it has not";
  for (int i = 0; i < 9; ++i) Heat(78);
  EXPECT_EQ(Heat(78).reason, "78.0 C (fair down to 75)");
}

TEST_F(LevelsTest, MemoryOfTheDeviceCounts) {
  MemoryReading reading;
  reading.device_percent = 98.0;
  tracker_.Memory(reading, now_ += seconds(1));
  const LevelReport report = tracker_.Memory(reading, now_ += seconds(1));
  EXPECT_EQ(report.level, Level::kCritical);
  EXPECT_EQ(report.reason, "98.0 % of the device's memory in use (critical from 97)");
}

TEST_F(LevelsTest, StaysWithinTheHysteresis) {
  Heat(91);
  EXPECT_EQ(Heat(91).level, Level::kSerious);
  for (int i = 0; i < 100; ++i) ASSERT_EQ(Heat(85.1).level, Level::kSerious);
}

TEST_F(LevelsTest, FallsAfterTheDwellOfReadingsThatAllowIt) {
  Heat(91);
  Heat(91);
  for (int i = 0; i < 9; ++i) ASSERT_EQ(Heat(70).level, Level::kSerious);
  EXPECT_EQ(Heat(91).level, Level::kSerious) << "starts the dwell anew";
  for (int i = 0; i < 9; ++i) ASSERT_EQ(Heat(70).level, Level::kSerious);
  const LevelReport cool = Heat(70);
  EXPECT_EQ(cool.level, Level::kNominal);
  EXPECT_EQ(cool.reason, "");
}

TEST_F(LevelsTest, FallsToTheLevelThatHolds) {
  Heat(91);
  Heat(91);
  for (int i = 0; i < 9; ++i) Heat(78);
  EXPECT_EQ(Heat(78).level, Level::kFair) << "78 is within the hysteresis of fair";
}

TEST_F(LevelsTest, ASensorThatGoesAwayHoldsNothingForever) {
  Heat(91);
  Heat(91);
  for (int i = 0; i < 9; ++i) ASSERT_EQ(Heat(std::nullopt).level, Level::kSerious);
  EXPECT_FALSE(Heat(std::nullopt).level.has_value());
}

TEST_F(LevelsTest, TheWorstFigureGivesLevelAndReason) {
  Memory(5e9, 10e9, 35.0);
  const LevelReport stalled = Memory(5e9, 10e9, 35.0);
  EXPECT_EQ(stalled.level, Level::kSerious);
  EXPECT_THAT(stalled.reason, HasSubstr("35.0 % of the time waiting for memory"));
  Memory(0.1e9, 10e9, 35.0);
  const LevelReport full = Memory(0.1e9, 10e9, 35.0);
  EXPECT_EQ(full.level, Level::kCritical);
  EXPECT_EQ(full.reason, "99.0 % of memory in use (critical from 97)");
}

TEST_F(LevelsTest, TheSystemsOwnWordCounts) {
  ThermalReading reading;
  reading.level = Level::kCritical;
  tracker_.Thermal(reading, now_);
  const LevelReport report = tracker_.Thermal(reading, now_);
  EXPECT_EQ(report.level, Level::kCritical);
  EXPECT_EQ(report.reason, "the system reports critical thermal pressure");
  reading.level = Level::kNominal;
  reading.throttling = true;
  for (int i = 0; i < 12; ++i) tracker_.Thermal(reading, now_ += seconds(1));
  EXPECT_EQ(tracker_.Thermal(reading, now_).reason, "the processor is throttled");
}

TEST_F(LevelsTest, HeatAndMemoryAreApart) {
  Heat(101);
  Heat(101);
  EXPECT_EQ(Memory(9e9, 10e9).level, Level::kNominal);
}

TEST(LevelOptionsTest, AreReadStrictly) {
  const auto read = [](const std::string& text, LevelOptions* options) {
    const auto node = ParseYaml(text, "test");
    StrictYaml yaml(*node, "protection");
    options->Read(&yaml);
    return yaml.Finish();
  };
  LevelOptions options;
  ASSERT_TRUE(read("{celsius: {serious: 88}, min_dwell_seconds: 2.5}", &options).ok());
  EXPECT_EQ(options.celsius.serious, 88.0);
  EXPECT_EQ(options.celsius.fair, 80.0);
  EXPECT_EQ(options.min_dwell.count(), 2.5);
  const Status falling = read("{memory_percent: {fair: 99}}", &options);
  EXPECT_TRUE(absl::IsInvalidArgument(falling));
  EXPECT_THAT(std::string(falling.message()), HasSubstr("protection.memory_percent"));
  EXPECT_FALSE(read("{celsius: {sirious: 1}}", &options).ok());
  EXPECT_FALSE(read("{stall_percent: {fair: -1}}", &options).ok());
}

}  // namespace
}  // namespace m2tts
