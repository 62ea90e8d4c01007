// Dynamic time warping (Sakoe & Chiba 1978): which frame of one recording belongs to which of
// another.
#pragma once

#include <cstddef>
#include <functional>
#include <utility>
#include <vector>

#include "core/base/status.h"

namespace m2tts {

// Pairs (i, j) from (0, 0) to (rows - 1, cols - 1), each step +1 in i, in j, or in both.
using WarpingPath = std::vector<std::pair<size_t, size_t>>;

// The path with the least sum of distance(i, j); of equal ones the one with more diagonal steps
// towards its end. Takes rows * cols distances and bytes. INVALID_ARGUMENT when a side is empty,
// RESOURCE_EXHAUSTED over 256 Mi pairs (three minutes of speech on both sides).
StatusOr<WarpingPath> DynamicTimeWarp(size_t rows, size_t cols,
                                      const std::function<double(size_t, size_t)>& distance);

}  // namespace m2tts
