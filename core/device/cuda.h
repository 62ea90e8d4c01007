// CUDA memory; does nothing and knows nothing in a LibTorch without CUDA.
#pragma once

#include <cstdint>
#include <optional>

namespace m2tts {

// Bytes held by tensors on CUDA device `index`, by all programs, and all memory of that device.
std::optional<int64_t> CudaAllocatedBytes(int index);
std::optional<int64_t> CudaUsedBytes(int index);
std::optional<int64_t> CudaLimitBytes(int index);

void CudaEmptyCache();

}  // namespace m2tts
