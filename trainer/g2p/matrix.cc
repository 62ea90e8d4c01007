#include "trainer/g2p/matrix.h"

#include <cstring>

namespace m2tts {
namespace {

using Vector = float __attribute__((vector_size(64)));
constexpr size_t kLanes = 16;
constexpr size_t kTile = 6;

[[gnu::always_inline]] inline void LoadTo(const float* p, Vector* v) {
  std::memcpy(v, p, sizeof(Vector));
}

// Rows of the result in tiles of `Rows`, two vectors wide where the width allows it. Element (r, i) of the
// left factor is x[r * row_step + i * depth_step], so that one body serves both products.
template <size_t Rows, size_t Vectors>
[[gnu::always_inline]] inline void Tile(const float* x, size_t row_step, size_t depth_step, const float* w,
                                        float* y, size_t depth, size_t n) {
  Vector sum[Rows][Vectors];
  for (size_t r = 0; r < Rows; ++r) {
    for (size_t v = 0; v < Vectors; ++v) LoadTo(y + r * n + v * kLanes, &sum[r][v]);
  }
  for (size_t i = 0; i < depth; ++i) {
    Vector right[Vectors];
    for (size_t v = 0; v < Vectors; ++v) LoadTo(w + i * n + v * kLanes, &right[v]);
    for (size_t r = 0; r < Rows; ++r) {
      const float left = x[r * row_step + i * depth_step];
      for (size_t v = 0; v < Vectors; ++v) sum[r][v] += left * right[v];
    }
  }
  for (size_t r = 0; r < Rows; ++r) {
    for (size_t v = 0; v < Vectors; ++v) std::memcpy(y + r * n + v * kLanes, &sum[r][v], sizeof(Vector));
  }
}

[[gnu::always_inline]] inline void Product(const float* x, size_t row_step, size_t depth_step, const float* w,
                                           float* y, size_t rows, size_t depth, size_t n) {
  for (size_t j = 0; j < n;) {
    const bool wide = n - j >= 2 * kLanes;
    size_t r = 0;
    for (; r + kTile <= rows; r += kTile) {
      if (wide) {
        Tile<kTile, 2>(x + r * row_step, row_step, depth_step, w + j, y + r * n + j, depth, n);
      } else {
        Tile<kTile, 1>(x + r * row_step, row_step, depth_step, w + j, y + r * n + j, depth, n);
      }
    }
    for (; r < rows; ++r) {
      if (wide) {
        Tile<1, 2>(x + r * row_step, row_step, depth_step, w + j, y + r * n + j, depth, n);
      } else {
        Tile<1, 1>(x + r * row_step, row_step, depth_step, w + j, y + r * n + j, depth, n);
      }
    }
    j += wide ? 2 * kLanes : kLanes;
  }
}

using ProductFunction = void (*)(const float*, size_t, size_t, const float*, float*, size_t, size_t, size_t);

void ProductPlain(const float* x, size_t row_step, size_t depth_step, const float* w, float* y, size_t rows,
                  size_t depth, size_t n) {
  Product(x, row_step, depth_step, w, y, rows, depth, n);
}

#if defined(__x86_64__)
__attribute__((target("avx2,fma"))) void ProductAvx2(const float* x, size_t row_step, size_t depth_step,
                                                     const float* w, float* y, size_t rows, size_t depth,
                                                     size_t n) {
  Product(x, row_step, depth_step, w, y, rows, depth, n);
}

__attribute__((target("avx512f"))) void ProductAvx512(const float* x, size_t row_step, size_t depth_step,
                                                      const float* w, float* y, size_t rows, size_t depth,
                                                      size_t n) {
  Product(x, row_step, depth_step, w, y, rows, depth, n);
}
#endif

ProductFunction Choose() {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f")) return ProductAvx512;
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return ProductAvx2;
#endif
  return ProductPlain;
}

const ProductFunction kProduct = Choose();

}  // namespace

void MultiplyAdd(const float* x, const float* w, float* y, size_t rows, size_t k, size_t n) {
  kProduct(x, k, 1, w, y, rows, k, n);
}

void TransposedMultiplyAdd(const float* x, const float* y, float* g, size_t rows, size_t k, size_t n) {
  kProduct(x, 1, k, y, g, k, rows, n);
}

}  // namespace m2tts
