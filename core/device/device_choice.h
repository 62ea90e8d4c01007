// The outcome of trying the devices at start; free of LibTorch, so that everybody may look.
#pragma once

#include <string>
#include <vector>

namespace m2tts {

// The result of trying one device.
struct DeviceTrial {
  std::string device = "cpu";   // as ParseDevice reads it
  bool agrees = false;          // output equals the CPU's within tolerance
  double seconds = 0.0;         // best of several runs, after warm-up
  double max_difference = 0.0;  // against the CPU
  std::string error;            // why it failed, if it did
};

struct DeviceChoice {
  std::string device = "cpu";
  std::string reason;  // for the log, GetStatus and a metric
  std::vector<DeviceTrial> trials;
};

}  // namespace m2tts
