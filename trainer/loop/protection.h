// Keeps a run from overheating the machine or filling its memory: reads the sensors now and
// then and says whether to go on, to pause between steps, or to stop.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "core/base/status.h"
#include "core/device/levels.h"
#include "trainer/config/train_config.h"
#include "trainer/loop/loop_clock.h"

namespace m2tts {

// One thread at a time.
class Protection {
 public:
  enum class Action { kGoOn, kPause, kStop };

  // Opens ProtectionConfig::sensors, if any; its error names the file.
  static StatusOr<std::unique_ptr<Protection>> Create(const ProtectionConfig& config, LoopClock clock = {});

  // Reads the sensors when the last reading is older than sample_seconds.
  Action Look();

  // Why what trains here should not become `factor` times as large now: heat or memory is, or what it would
  // take more would make it, above nominal. Empty when it may, and when protection is off. Reads the sensors.
  std::string ReasonNotToGrow(double factor);

  // Of the newest reading. "serious heat: 91.0 C (serious from 90)"; empty when nothing is amiss.
  const std::string& reason() const { return reason_; }
  // "812 MB  61 C", what is known of it; for the progress line.
  std::string Machine() const;

  LoopClock::Seconds interval() const { return LoopClock::Seconds(config_.sample_seconds); }

 private:
  Protection(const ProtectionConfig& config, LoopClock clock, std::unique_ptr<Sensors> sensors)
      : config_(config),
        clock_(std::move(clock)),
        sensors_(std::move(sensors)),
        resident_at_start_(sensors_->Memory().resident_bytes),
        tracker_(config.levels) {}

  const ProtectionConfig config_;
  const LoopClock clock_;
  const std::unique_ptr<Sensors> sensors_;
  const std::optional<int64_t> resident_at_start_;
  LevelTracker tracker_;
  std::optional<LoopClock::Time> last_;
  ThermalReading thermal_;
  MemoryReading memory_;
  Action action_ = Action::kGoOn;
  std::string reason_;
};

}  // namespace m2tts
