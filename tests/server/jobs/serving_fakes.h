// What jobs make room for, as a test says: requests for speech, heat and memory.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

#include "server/jobs/governor.h"
#include "server/jobs/serving_activity.h"

namespace m2tts {

class FakeActivity : public ServingActivity {
 public:
  bool Busy() override { return busy; }
  double ArrivalsPerSecond() override { return arrivals; }

  std::atomic<bool> busy{false};
  std::atomic<double> arrivals{0.0};
};

// A governor whose sensors and clock are the test's. It begins in a cool machine with room.
class FakeGovernor {
 public:
  explicit FakeGovernor(const std::filesystem::path& sensors) : sensors_(sensors) {
    std::ofstream(sensors_) << kComfort;
    GovernorConfig config;
    config.sensors = sensors_;
    auto governor = Governor::Create(config, &pressure_, {});
    EXPECT_TRUE(governor.ok()) << governor.status();
    if (governor.ok()) governor_ = *std::move(governor);
  }

  static constexpr char kComfort[] =
      "{thermal: {celsius: 50}, memory: {available_mb: 9000, limit_mb: 10000}}";

  // The sensors say this for so many seconds, which pass at once.
  void Feel(const std::string& yaml, int seconds) {
    std::ofstream(sensors_) << yaml;
    for (int i = 0; i < seconds; ++i) governor_->Sample(now_ += std::chrono::seconds(1));
  }
  // Long enough for every level and action to be taken back.
  void Recover() { Feel(kComfort, 120); }
  const Governor* get() const { return governor_.get(); }

 private:
  const std::filesystem::path sensors_;
  AtomicServingPressure pressure_{ServingPressure::kNone};
  std::unique_ptr<Governor> governor_;
  GovernorLadder::Time now_{};
};

}  // namespace m2tts
