// Floating-point samples to 16-bit integers: the one rule that every encoder shares.
#pragma once

#include <cstdint>
#include <vector>

#include "core/base/status.h"

namespace m2tts {

// round(x * 32768), half to even, clamped to [-32768, 32767]: the exact inverse of decoding.
// INVALID_ARGUMENT for NaN or infinity.
StatusOr<std::vector<int16_t>> ToPcm16(const float* samples, size_t count);

}  // namespace m2tts
