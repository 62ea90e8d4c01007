// Floating-point samples to 16-bit integers, and which samples are none: the rules that all encoders share.
#pragma once

#include <cstdint>
#include <vector>

#include "core/base/status.h"

namespace m2tts {

// The largest magnitude, 0 of nothing; infinite or NaN when some sample is.
float Peak(const float* samples, size_t count);

// INVALID_ARGUMENT for NaN or infinity, with the index of the first.
Status CheckFinite(const float* samples, size_t count);

// round(x * 32768), half to even, clamped to [-32768, 32767]: the exact inverse of decoding.
// As CheckFinite.
StatusOr<std::vector<int16_t>> ToPcm16(const float* samples, size_t count);

}  // namespace m2tts
