#include "server/jobs/governor.h"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>

#include "tests/core/base/temp_folder.h"

namespace m2tts {
namespace {

using std::chrono::seconds;
using Time = GovernorLadder::Time;

GovernorConfig TestConfig(const std::filesystem::path& sensors) {
  GovernorConfig config;
  config.sensors = sensors;
  config.recovery_seconds = 5.0;
  config.levels.min_dwell = seconds(10);
  return config;
}

class GovernorTest : public testing::Test {
 protected:
  void SetUp() override {
    Heat(50);
    Make(TestConfig(file()));
  }
  void Make(const GovernorConfig& config) {
    auto governor = Governor::Create(config, &pressure_,
                                     {[this] { ++cleared_; }, [this](ServingPressure) { ++changes_; },
                                      [this] { return device_percent_; }});
    ASSERT_TRUE(governor.ok()) << governor.status();
    governor_ = *std::move(governor);
  }
  std::filesystem::path file() const { return folder_.path() / "sensors.yaml"; }
  void Heat(double celsius) {
    std::ofstream(file()) << "thermal: {celsius: " << (std::isnan(celsius) ? ".nan" : std::to_string(celsius))
                          << "}\n";
  }
  // For so many seconds.
  void Pass(int count) {
    for (int i = 0; i < count; ++i) governor_->Sample(now_ += seconds(1));
  }

  TempFolder folder_;
  AtomicServingPressure pressure_{ServingPressure::kNone};
  int cleared_ = 0;
  int changes_ = 0;  // of the pressure
  std::optional<double> device_percent_;
  std::unique_ptr<Governor> governor_;
  Time now_{};
};

TEST_F(GovernorTest, SeriousHeatStopsLeasesAndClearsCachesOnce) {
  Pass(3);
  EXPECT_TRUE(governor_->status().leases_allowed());
  Heat(93);
  Pass(2);
  EXPECT_FALSE(governor_->status().leases_allowed());
  EXPECT_EQ(cleared_, 1);
  EXPECT_EQ(pressure_.load(), ServingPressure::kNone);
  EXPECT_TRUE(governor_->status().by_heat);
  EXPECT_NE(governor_->status().reason.find("93"), std::string::npos);
  Pass(20);
  EXPECT_EQ(cleared_, 1);
}

TEST_F(GovernorTest, CriticalHeatRefusesAndRecoversInReverse) {
  Heat(105);
  Pass(2);
  EXPECT_EQ(pressure_.load(), ServingPressure::kRefuseNew);
  EXPECT_EQ(governor_->status().active, kGovernorActions);
  Heat(40);
  std::vector<int> actives;
  for (int i = 0; i < 200; ++i) {
    const int before = governor_->status().active;
    Pass(1);
    const int after = governor_->status().active;
    EXPECT_GE(after, before - 1);  // one at a time
    if (after != before) actives.push_back(after);
  }
  EXPECT_EQ(actives, (std::vector<int>{5, 4, 3, 2, 1, 0}));
  EXPECT_EQ(changes_, 5);  // up at once, down in four
  EXPECT_EQ(pressure_.load(), ServingPressure::kNone);
  EXPECT_TRUE(governor_->status().leases_allowed());
}

TEST_F(GovernorTest, AFullDeviceClearsItsCaches) {
  device_percent_ = 93.0;
  Pass(2);
  EXPECT_EQ(cleared_, 1);
  EXPECT_FALSE(governor_->status().leases_allowed());
  EXPECT_FALSE(governor_->status().by_heat);
  EXPECT_EQ(governor_->status().room.device_percent, 93.0);
  std::ofstream(file()) << "memory: {device_percent: 20}\n";  // the file's word counts more
  Pass(30);
  EXPECT_TRUE(governor_->status().leases_allowed());
}

TEST_F(GovernorTest, WhatIsUnknownHasNoSay) {
  std::filesystem::remove(file());
  Pass(100);
  EXPECT_TRUE(governor_->status().leases_allowed());
  EXPECT_FALSE(governor_->status().thermal.level.has_value());
}

TEST_F(GovernorTest, DisabledOnlyLooks) {
  GovernorConfig config = TestConfig(file());
  config.enabled = false;
  Make(config);
  Heat(110);
  Pass(10);
  EXPECT_TRUE(governor_->status().leases_allowed());
  EXPECT_EQ(pressure_.load(), ServingPressure::kNone);
  EXPECT_EQ(governor_->status().thermal.level, Level::kCritical);
}

TEST(GovernorCreateTest, AMissingSensorFileIsAnError) {
  AtomicServingPressure pressure{ServingPressure::kNone};
  const auto governor = Governor::Create(TestConfig("/nonexistent/sensors"), &pressure, {});
  EXPECT_FALSE(governor.ok());
  EXPECT_NE(std::string(governor.status().message()).find("governor.sensors"), std::string::npos);
}

TEST(ServingPressureTest, RefusesStepByStep) {
  const auto refused = [](ServingPressure pressure, Priority priority, int requests) {
    const Status status = CheckPressure(pressure, priority, requests, 64);
    if (!status.ok()) {
      EXPECT_EQ(status.code(), StatusCode::kResourceExhausted);
    }
    return !status.ok();
  };
  EXPECT_FALSE(refused(ServingPressure::kShrinkBatches, Priority::kBulk, 63));
  EXPECT_FALSE(refused(ServingPressure::kTightenAdmission, Priority::kBulk, 15));
  EXPECT_TRUE(refused(ServingPressure::kTightenAdmission, Priority::kInteractive, 16));
  EXPECT_TRUE(refused(ServingPressure::kRefuseBulk, Priority::kBulk, 0));
  EXPECT_FALSE(refused(ServingPressure::kRefuseBulk, Priority::kNormal, 0));
  EXPECT_TRUE(refused(ServingPressure::kRefuseNew, Priority::kInteractive, 0));
}

TEST(GovernorConfigTest, PoliciesAreBeginningsOfTheLadder) {
  const auto read = [](const std::string& text) {
    return GovernorConfig::Read(StrictYaml(*ParseYaml(text, "test"), "governor"), "");
  };
  const auto config = read("policy: {fair: [no_leases], serious: [no_leases, clear_caches, shrink_batches]}");
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->actions, (std::array<int, 4>{0, 1, 3, 6}));
  EXPECT_FALSE(read("policy: {fair: [refuse_new]}").ok());
  EXPECT_FALSE(read("policy: {fair: [no_leases, no_leases]}").ok());
  EXPECT_FALSE(read("policy: {serious: []}\nrecovery_seconds: -1").ok());
  EXPECT_FALSE(read("policy: {critical: [no_leases]}").ok());  // less than serious
  EXPECT_FALSE(read("polizy: {}").ok());
}

}  // namespace
}  // namespace m2tts
