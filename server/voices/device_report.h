// What is told about the compute device, without LibTorch in sight.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace m2tts {

class Synthesizer;

struct DeviceReport {
  struct Trial {
    std::string device;
    bool agrees = false;
    double seconds = 0.0;
    double max_difference = 0.0;
    std::string error;
  };
  std::string device = "cpu";
  std::string reason;
  int cpu_threads = 0;
  std::string torch_version;
  std::vector<Trial> trials;
};

// Of the device that `synthesizer` runs on.
DeviceReport ReportDevice(const Synthesizer& synthesizer, int cpu_threads);

// Bytes allocated on the device now, and their limit; nullopt where unknown. Any thread.
struct DeviceBytes {
  std::optional<int64_t> allocated;
  std::optional<int64_t> limit;
};
DeviceBytes QueryDeviceBytes(const std::string& device);

}  // namespace m2tts
