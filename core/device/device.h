// Which device to compute on, its memory, and its thread count.
#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/base/status.h"
#include "core/device/device_choice.h"
#include "core/device/runtime.h"

namespace m2tts {

// "mps", "cuda", "cuda:1", "cpu" -> that device, if this LibTorch and machine have it.
// INVALID_ARGUMENT for other words, FAILED_PRECONDITION when it is not available (says why).
StatusOr<torch::Device> ParseDevice(const std::string& name);

// Devices that can be used here, best first: mps, cuda, cpu. Never empty.
std::vector<torch::Device> AvailableDevices();

struct DeviceMemory {
  std::optional<int64_t> allocated_bytes;  // by tensors; unknown on CPU
  std::optional<int64_t> used_bytes;       // CUDA: by all programs; MPS: for this one
  std::optional<int64_t> limit_bytes;
};
DeviceMemory QueryDeviceMemory(const torch::Device& device);

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
