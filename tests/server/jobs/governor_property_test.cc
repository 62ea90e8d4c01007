// Random traces of every kind of trouble with heat, memory and the device's memory, all at once: spikes,
// flapping, dropouts, not-a-number, stuck values. Whatever comes, the governor never flaps, never refuses
// requests unless something is critical, and always recovers.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

#include "server/jobs/governor.h"

namespace m2tts {
namespace {

using std::chrono::duration;
using std::chrono::seconds;
using Time = GovernorLadder::Time;

// One figure's trace, in percent or degrees.
class TroubledSensor {
 public:
  TroubledSensor(unsigned seed, LevelLimits limits)
      : random_(seed), limits_(limits), value_(limits.fair - 20) {}

  std::optional<double> Next() {
    std::uniform_real_distribution<double> any(limits_.fair - 60, limits_.critical + 15), small(-3.0, 3.0);
    switch (std::uniform_int_distribution<int>(0, 9)(random_)) {
      case 0:
        return value_ = any(random_);  // spike
      case 1:
        return std::nullopt;  // dropout
      case 2:
        return std::numeric_limits<double>::quiet_NaN();
      case 3:  // flapping around a threshold
        return value_ = value_ > limits_.serious ? limits_.serious - 1.0 : limits_.serious + 1.0;
      case 4:
      case 5:
        return value_;  // stuck
      default:
        return value_ += small(random_);
    }
  }

 private:
  std::mt19937 random_;
  const LevelLimits limits_;
  double value_;
};

// Tracker and ladder, a look a second.
class TroubledGovernor {
 public:
  TroubledGovernor() { config_.levels.min_dwell = seconds(10); }

  int Look(std::optional<double> celsius, std::optional<double> used, std::optional<double> device) {
    now_ += seconds(1);
    ThermalReading heat;
    heat.celsius = celsius;
    MemoryReading room;
    room.device_percent = device;
    if (used && !std::isnan(*used)) {
      room.limit_bytes = 1'000'000;
      room.available_bytes = static_cast<int64_t>(1e4 * (100.0 - std::min(*used, 100.0)));
    }
    const Level heat_level = tracker_.Thermal(heat, now_).level.value_or(Level::kNominal);
    const Level room_level = tracker_.Memory(room, now_).level.value_or(Level::kNominal);
    level_ = std::max(heat_level, room_level);
    return active_ = ladder_.Update(level_, now_);
  }
  Level level() const { return level_; }
  const GovernorConfig& config() const { return config_; }
  Time now() const { return now_; }

 private:
  GovernorConfig config_;
  LevelTracker tracker_{[] {
    LevelOptions options;
    options.min_dwell = seconds(10);
    return options;
  }()};
  GovernorLadder ladder_{config_};
  Time now_{};
  Level level_ = Level::kNominal;
  int active_ = 0;
};

class GovernorPropertyTest : public testing::TestWithParam<unsigned> {
 protected:
  // Looks once and checks what must hold always.
  void Step() {
    const int before = active_;
    const Level level_before = governor_.level();
    active_ = governor_.Look(heat_.Next(), memory_.Next(), device_.Next());
    const Time now = governor_.now();
    ASSERT_GE(active_, 0);
    ASSERT_LE(active_, kGovernorActions);
    ASSERT_GE(active_, before - 1) << "recovery takes one action back at a time";
    if (active_ < before) {
      ASSERT_GE(now - last_change_, duration<double>(governor_.config().recovery_seconds));
    }
    if (governor_.level() < level_before) {
      ASSERT_GE(now - last_rise_, governor_.config().levels.min_dwell) << "a level fell within its dwell";
    }
    if (governor_.level() > level_before) last_rise_ = now;
    // Serving is not starved: requests are refused only while something is critical, or has been and the
    // actions against it are being taken back.
    if (governor_.level() == Level::kCritical) critical_until_ = now;
    const auto taking_back = duration<double>(governor_.config().recovery_seconds) * (kGovernorActions - 2) +
                             seconds(kGovernorActions);
    if (active_ > governor_.config().actions[static_cast<size_t>(Level::kSerious)]) {
      ASSERT_TRUE(critical_until_.has_value());
      ASSERT_LE(now - *critical_until_, taking_back);
    }
    if (active_ != before) last_change_ = now;
  }

  TroubledGovernor governor_;
  TroubledSensor heat_{GetParam(), LevelOptions().celsius};
  TroubledSensor memory_{GetParam() + 10'000, LevelOptions().memory_percent};
  TroubledSensor device_{GetParam() + 20'000, LevelOptions().device_percent};
  int active_ = 0;
  Time last_change_{}, last_rise_{};
  std::optional<Time> critical_until_;
};

TEST_P(GovernorPropertyTest, NeverFlapsNeverStarvesAndAlwaysRecovers) {
  for (int i = 0; i < 500; ++i) {
    Step();
    if (HasFatalFailure()) return;
  }
  // Calm again, whatever was: all is taken back within dwell and recovery of each.
  for (int i = 0; i < 10 + 6 * 6 + 30; ++i) active_ = governor_.Look(40.0, 30.0, 30.0);
  EXPECT_EQ(active_, 0);
  EXPECT_EQ(governor_.level(), Level::kNominal);
}

TEST_P(GovernorPropertyTest, SilenceRecoversToo) {
  for (int i = 0; i < 200; ++i) {
    Step();
    if (HasFatalFailure()) return;
  }
  for (int i = 0; i < 10 + 6 * 6 + 30; ++i)
    active_ = governor_.Look(std::nullopt, std::nullopt, std::nullopt);
  EXPECT_EQ(active_, 0) << "sensors that have gone away hold nothing for ever";
}

INSTANTIATE_TEST_SUITE_P(Seeds, GovernorPropertyTest, testing::Range(0U, 200U));

}  // namespace
}  // namespace m2tts
