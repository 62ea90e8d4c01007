#include "core/device/device.h"

#include <torch/version.h>

#include <algorithm>

#include "core/device/cuda.h"
#include "core/device/host.h"
#include "core/device/mps.h"

namespace m2tts {
namespace {

// The N of "cuda:N"; nullopt when it is not a small number.
std::optional<int> ParseIndex(const std::string& digits) {
  if (digits.empty() || digits.size() > 2 || digits.find_first_not_of("0123456789") != std::string::npos) {
    return std::nullopt;
  }
  return std::stoi(digits);
}

StatusOr<torch::Device> ParseCudaDevice(const std::string& name) {
  std::optional<int> index = 0;
  if (name != "cuda") index = ParseIndex(name.substr(5));
  if (!index) return InvalidArgument("device: '{}' is not cuda:N with a number N", name);
  if (!torch::cuda::is_available()) {
    return Errorf(StatusCode::kFailedPrecondition,
                  "device: '{}' is not available: this LibTorch has no CUDA, or it finds no GPU and driver",
                  name);
  }
  const auto count = static_cast<int>(torch::cuda::device_count());
  if (*index >= count) {
    return Errorf(StatusCode::kFailedPrecondition, "device: '{}' is not available: CUDA devices here: {}",
                  name, count);
  }
  return torch::Device(torch::kCUDA, static_cast<c10::DeviceIndex>(*index));
}

}  // namespace

StatusOr<torch::Device> ParseDevice(const std::string& name) {
  if (name == "cpu") return torch::Device(torch::kCPU);
  if (name == "mps") {
    if (MpsAvailable()) return torch::Device(torch::kMPS);
    return Errorf(
        StatusCode::kFailedPrecondition,
        "device: 'mps' is not available: it needs macOS 12.3 or newer on Apple silicon, and a LibTorch "
        "built with Metal");
  }
  if (name == "cuda" || name.rfind("cuda:", 0) == 0) return ParseCudaDevice(name);
  return InvalidArgument("device: '{}' is not one of mps, cuda, cuda:N, cpu", name);
}

std::vector<torch::Device> AvailableDevices() {
  std::vector<torch::Device> devices;
  if (MpsAvailable()) devices.emplace_back(torch::kMPS);
  if (torch::cuda::is_available()) devices.emplace_back(torch::kCUDA, 0);
  devices.emplace_back(torch::kCPU);
  return devices;
}

DeviceMemory QueryDeviceMemory(const torch::Device& device) {
  if (device.type() == torch::kMPS) return {MpsAllocatedBytes(), MpsUsedBytes(), MpsLimitBytes()};
  if (device.is_cuda()) {
    const int index = device.has_index() ? device.index() : 0;
    return {CudaAllocatedBytes(index), CudaUsedBytes(index), CudaLimitBytes(index)};
  }
  return {};
}

std::optional<double> DeviceMemoryPercent(const std::string& name) {
  const auto device = ParseDevice(name);
  if (!device.ok()) return std::nullopt;
  const DeviceMemory memory = QueryDeviceMemory(*device);
  if (!memory.used_bytes || !memory.limit_bytes || *memory.limit_bytes <= 0) return std::nullopt;
  return 100.0 * static_cast<double>(*memory.used_bytes) / static_cast<double>(*memory.limit_bytes);
}

void ClearDeviceCaches() {
  CudaEmptyCache();
  MpsEmptyCache();
  TrimHeap();
}

int ConfigureCpuThreads(int requested) {
  KeepHeap();
  at::set_num_threads(requested > 0 ? requested : PhysicalCores());
  return at::get_num_threads();
}

bool MayUseGpu(const std::string& device) {
  return device != "cpu" && AvailableDevices().size() > 1;
}

int ComputeLanes(const std::string& device, int threads) {
  if (MayUseGpu(device)) return 1;
  return threads <= 0 ? 1 : std::max(1, PhysicalCores() / threads);
}

std::string TorchVersion() {
  return TORCH_VERSION;
}

}  // namespace m2tts
