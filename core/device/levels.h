// From readings to levels of heat and memory, steady enough to act upon.
//
//   - a figure past a threshold enters that level, and leaves it only when it is below the
//     threshold by the hysteresis;
//   - the level rises when two readings in a row say so: one wild reading stops nothing;
//   - it falls when every reading of `min_dwell` allowed it.
//
// What is unknown has no say: it allows a fall, and neither makes a rise nor comes between two readings that
// do, unless nothing was known for `min_dwell`. Readings may be as far apart as they like. Pure: time comes
// with each reading.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "core/base/strict_yaml.h"
#include "core/device/sensors.h"

namespace m2tts {

// Thresholds of a figure that is worse the higher it is, in its unit.
struct LevelLimits {
  double fair;
  double serious;
  double critical;
  double hysteresis;

  // The level entered at `value`; nominal for NaN.
  Level Of(double value) const;
};

struct LevelOptions {
  LevelLimits celsius = {80.0, 90.0, 100.0, 5.0};
  LevelLimits memory_percent = {85.0, 92.0, 97.0, 3.0};  // of the limit, that is not available
  LevelLimits stall_percent = {10.0, 30.0, 60.0, 5.0};   // MemoryReading::stall_percent
  LevelLimits device_percent = {85.0, 92.0, 97.0, 3.0};  // MemoryReading::device_percent
  std::chrono::duration<double> min_dwell = std::chrono::seconds(10);

  // Reads the optional keys celsius, memory_percent, stall_percent, device_percent (each {fair, serious,
  // critical, hysteresis}) and min_dwell_seconds. Thresholds must rise; the error is left in `yaml`.
  void Read(StrictYaml* yaml);
};

struct LevelReport {
  std::optional<Level> level;  // nullopt: nothing is known
  std::string reason;          // "91.0 C (serious from 90)", "87.0 C (serious down to 85)"; empty at nominal
};

// One thread at a time.
class LevelTracker {
 public:
  using Time = std::chrono::steady_clock::time_point;

  explicit LevelTracker(const LevelOptions& options) : options_(options) {}

  LevelReport Thermal(const ThermalReading& reading, Time now);
  LevelReport Memory(const MemoryReading& reading, Time now);

 private:
  struct Cause;
  // What the figures of one reading say together.
  struct Vote;
  // One of heat and memory.
  struct Track {
    Level level = Level::kNominal;
    Level last_entered = Level::kNominal;  // by the last reading that knew something
    std::optional<Time> last_known;
    std::optional<Time> last_needed;  // when a reading last asked for `level`
    std::string reason;
  };
  LevelReport Update(const Vote& vote, Time now, Track* track) const;

  const LevelOptions options_;
  Track thermal_;
  Track memory_;
};

}  // namespace m2tts
