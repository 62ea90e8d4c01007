// Heat and memory of this machine. A sensor that is missing, or says what cannot be true, is
// unknown (nullopt), never 0: most virtual machines have no thermometer, many no cgroup v2.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>

#include "core/base/status.h"

namespace m2tts {

// How bad it is; what each level means for the program is its user's matter.
enum class Level { kNominal, kFair, kSerious, kCritical };

// "nominal", "fair", "serious", "critical".
const char* LevelName(Level level);
std::optional<Level> ParseLevel(const std::string& name);

struct ThermalReading {
  std::optional<double> celsius;   // hottest sensor of the processor or its surroundings
  std::optional<bool> throttling;  // whether the processor was slowed down since the reading before
  std::optional<Level> level;      // the system's own judgement (macOS)
};

struct MemoryReading {
  std::optional<int64_t> resident_bytes;   // of this process (macOS: its footprint)
  std::optional<int64_t> available_bytes;  // what it can still take without swapping
  std::optional<int64_t> limit_bytes;      // memory of the machine, or of the control group if that is less
  // Of the machine or the control group that is fullest, each by its own limit; where it is absent, the two
  // figures above belong together.
  std::optional<double> used_percent;
  std::optional<double> stall_percent;   // of the last 10 s, in which some task waited for memory (Linux PSI)
  std::optional<Level> level;            // the system's own judgement (macOS)
  std::optional<double> device_percent;  // of a GPU's memory, that is in use; its user fills it in
};

// Of `limit` bytes, how much is not available; nullopt where there is no limit.
inline std::optional<double> UsedPercent(int64_t available, int64_t limit) {
  if (limit <= 0) return std::nullopt;
  return 100.0 * (1.0 - static_cast<double>(available) / static_cast<double>(limit));
}

// One thread at a time. Reading costs well below a millisecond and never fails.
class Sensors {
 public:
  virtual ~Sensors() = default;
  virtual ThermalReading Thermal() = 0;
  virtual MemoryReading Memory() = 0;
};

// Those of this machine. Linux: thermal zones and processor sensors under /sys, /proc/meminfo,
// control groups (v2), pressure stall information, all below `root` (for tests). macOS: thermal
// pressure level, memory pressure level, footprint; `root` means nothing there.
std::unique_ptr<Sensors> HostSensors(const std::filesystem::path& root = "/");

// Sensors that a person or a test drives through a file, read anew at every reading:
//
//   thermal: {celsius: 71.5, throttling: false, level: fair}
//   memory: {resident_mb: 900, available_mb: 3000, limit_mb: 8000, stall_percent: 2.5, level: nominal,
//            device_percent: 40}
//
// Keys left out are unknown. The file must be readable and right now; later, while it is missing
// or damaged, everything is unknown.
StatusOr<std::unique_ptr<Sensors>> SensorFile(const std::filesystem::path& path);

}  // namespace m2tts
