// The matrix products of training, on one core: fast enough with plain code that compilers vectorize.
//
// Widths are multiples of 16. Uses the widest registers of the processor; results may differ in the last bits
// from one kind of processor to another, never between two runs on one.
#pragma once

#include <cstddef>

namespace m2tts {

// y[rows][n] += x[rows][k] * w[k][n], each row-major and dense.
void MultiplyAdd(const float* x, const float* w, float* y, size_t rows, size_t k, size_t n);

// g[k][n] += transpose(x[rows][k]) * y[rows][n].
void TransposedMultiplyAdd(const float* x, const float* y, float* g, size_t rows, size_t k, size_t n);

}  // namespace m2tts
