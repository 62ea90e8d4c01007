#include "core/device/cuda.h"

#ifdef M2TTS_HAVE_CUDA

#include <c10/cuda/CUDACachingAllocator.h>
#include <c10/cuda/CUDAGuard.h>
#include <cuda_runtime_api.h>
#include <torch/torch.h>

namespace m2tts {
namespace {

struct Memory {
  int64_t free = 0;
  int64_t total = 0;
};

std::optional<Memory> Query(int index) {
  if (!torch::cuda::is_available()) return std::nullopt;
  const c10::cuda::CUDAGuard guard(static_cast<c10::DeviceIndex>(index));
  size_t free_bytes = 0;
  size_t total_bytes = 0;
  if (cudaMemGetInfo(&free_bytes, &total_bytes) != cudaSuccess) return std::nullopt;
  return Memory{static_cast<int64_t>(free_bytes), static_cast<int64_t>(total_bytes)};
}

}  // namespace

std::optional<int64_t> CudaAllocatedBytes(int index) {
  if (!torch::cuda::is_available()) return std::nullopt;
  // Statistic 0 is the sum over the small and the large pool.
  return c10::cuda::CUDACachingAllocator::getDeviceStats(static_cast<c10::DeviceIndex>(index))
      .allocated_bytes[0]
      .current;
}

std::optional<int64_t> CudaUsedBytes(int index) {
  const auto memory = Query(index);
  return memory.has_value() ? std::optional<int64_t>(memory->total - memory->free) : std::nullopt;
}

std::optional<int64_t> CudaLimitBytes(int index) {
  const auto memory = Query(index);
  return memory.has_value() ? std::optional<int64_t>(memory->total) : std::nullopt;
}

void CudaEmptyCache() {
  if (torch::cuda::is_available()) c10::cuda::CUDACachingAllocator::emptyCache();
}

}  // namespace m2tts

#else

namespace m2tts {

std::optional<int64_t> CudaAllocatedBytes(int) {
  return std::nullopt;
}
std::optional<int64_t> CudaUsedBytes(int) {
  return std::nullopt;
}
std::optional<int64_t> CudaLimitBytes(int) {
  return std::nullopt;
}
void CudaEmptyCache() {}

}  // namespace m2tts

#endif
