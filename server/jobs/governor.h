// The governor: looks at heat and memory once a second, and acts when they rise, one action after the
// other, from the mildest on:
//
//   no_leases -> clear_caches -> shrink_batches -> tighten_admission -> refuse_bulk -> refuse_new
//
// How many are due at a level is the policy (GovernorConfig::actions). A rise takes all that are due at
// once; recovery takes them back in reverse, one each recovery_seconds. Levels have hysteresis and a
// minimum dwell (core/device/levels.h), so actions cannot flap faster than that. Streams in flight
// are never cut. Before all that, jobs are slowed down as the machine comes near "serious" heat.
#pragma once

#include <array>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "core/base/mutex.h"
#include "core/base/status.h"
#include "core/device/levels.h"
#include "server/jobs/duty_controller.h"
#include "server/jobs/jobs_config.h"
#include "server/synthesis/serving_pressure.h"

namespace m2tts {

// Which actions hold. Pure: time and levels come in. One thread at a time.
class GovernorLadder {
 public:
  using Time = std::chrono::steady_clock::time_point;
  explicit GovernorLadder(const GovernorConfig& config) : config_(config) {}

  // The number of actions that hold from `now` on.
  int Update(Level level, Time now);
  int active() const { return active_; }

 private:
  const GovernorConfig config_;
  int active_ = 0;
  Time changed_{};  // when the last action was taken or taken back
};

// Of a moment, for GetStatus and metrics.
struct GovernorStatus {
  bool enabled = false;
  LevelReport thermal;  // level: nullopt = unknown
  LevelReport memory;
  ThermalReading heat;
  MemoryReading room;
  int active = 0;      // actions that hold
  double duty = 1.0;   // part of the time that jobs may compute, so that no_leases need not come
  std::string reason;  // of the worse of both; empty while nothing is amiss
  bool by_heat = false;

  bool leases_allowed() const { return active < 1; }
};

// What the governor does to others and asks of them, by its thread. Each may be absent.
struct GovernorHooks {
  std::function<void()> clear_caches;
  std::function<void(ServingPressure)> pressure_changed;
  // Percent of the device's memory that is in use, where the sensors do not say.
  std::function<std::optional<double>()> device_percent;
};

class Governor {
 public:
  // Opens config.sensors, if any; its error names the file. `pressure` must outlive the governor.
  static StatusOr<std::unique_ptr<Governor>> Create(const GovernorConfig& config,
                                                    AtomicServingPressure* pressure, GovernorHooks hooks);
  ~Governor();

  // Begins to look, in a thread of its own. A test calls Sample instead.
  void Start();
  void Sample(GovernorLadder::Time now) ABSL_LOCKS_EXCLUDED(mutex_);

  // One consistent reading; any thread.
  GovernorStatus status() const ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  Governor(const GovernorConfig& config, std::unique_ptr<Sensors> sensors, AtomicServingPressure* pressure,
           GovernorHooks hooks);
  void Loop() ABSL_LOCKS_EXCLUDED(mutex_);
  void Act(int before, int after, const std::string& reason);

  const GovernorConfig config_;
  const std::unique_ptr<Sensors> sensors_;
  AtomicServingPressure* const pressure_;
  const GovernorHooks hooks_;
  // Of the sampling thread.
  LevelTracker tracker_;
  GovernorLadder ladder_;
  DutyController duty_controller_;
  std::optional<GovernorLadder::Time> last_sample_;

  mutable Mutex mutex_;
  CondVar changed_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  GovernorStatus status_ ABSL_GUARDED_BY(mutex_);
  std::thread thread_;
};

}  // namespace m2tts
