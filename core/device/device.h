// Which device to compute on, its memory, and its thread count.
#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/base/status.h"

namespace m2tts {

// "mps", "cuda", "cuda:1", "cpu" -> that device, if this LibTorch and machine have it.
// INVALID_ARGUMENT for other words, FAILED_PRECONDITION when it is not available (says why).
StatusOr<torch::Device> ParseDevice(const std::string& name);

// Devices that can be used here, best first: mps, cuda, cpu. Never empty.
std::vector<torch::Device> AvailableDevices();

struct DeviceMemory {
  std::optional<int64_t> allocated_bytes;  // unknown on CPU
  std::optional<int64_t> limit_bytes;
};
DeviceMemory QueryDeviceMemory(const torch::Device& device);

// Gives cached blocks back: CUDA and MPS allocator caches; on glibc, malloc_trim.
void ClearDeviceCaches();

// Intra-op threads of the calling thread's operators. 0 = physical cores of this process's
// affinity mask. Call once, before the first operator.
int ConfigureCpuThreads(int requested);

std::string TorchVersion();

// The result of trying one device at start.
struct DeviceTrial {
  torch::Device device = torch::kCPU;
  bool agrees = false;          // output equals the CPU's within tolerance
  double seconds = 0.0;         // best of several runs, after warm-up
  double max_difference = 0.0;  // against the CPU
  std::string error;            // why it failed, if it did
};

struct DeviceChoice {
  torch::Device device = torch::kCPU;
  std::string reason;  // for the log, GetStatus and a metric
  std::vector<DeviceTrial> trials;
};

// Renders the golden sentence on a device: the output, on CPU. Called with each candidate.
using GoldenRun = std::function<StatusOr<torch::Tensor>(const torch::Device&)>;

// Checks `candidates` against the CPU, which always runs first as the reference, and takes
// the fastest that agrees. FAILED_PRECONDITION when none does; the CPU's own error when the
// reference cannot be made.
StatusOr<DeviceChoice> ChooseDeviceAmong(const std::vector<torch::Device>& candidates,
                                         const GoldenRun& golden, double tolerance);

// `requested`: "auto" or a device name. Checks every candidate against the CPU with
// `golden` and takes the fastest that agrees within `tolerance`. A named device that fails
// its check is FAILED_PRECONDITION; "auto" falls back to the CPU.
StatusOr<DeviceChoice> ChooseDevice(const std::string& requested, const GoldenRun& golden,
                                    double tolerance = 1e-2);

}  // namespace m2tts
