// What Apple's Metal backend tells about itself; harmless where it is missing.
//
// LibTorch 1.13 tells only whether it is there; memory figures came with 2.0.
#pragma once

#include <cstdint>
#include <optional>

namespace m2tts {

bool MpsAvailable();

// Bytes held by tensors, by the driver for this program, and the size the system recommends not to pass.
std::optional<int64_t> MpsAllocatedBytes();
std::optional<int64_t> MpsUsedBytes();
std::optional<int64_t> MpsLimitBytes();

void MpsEmptyCache();

}  // namespace m2tts
