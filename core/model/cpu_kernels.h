// The loops of inference for which LibTorch makes many passes or many small operations on a CPU. Plain C++
// that a compiler vectorizes, for the processor that it runs on; float32, dense rows. Thread-safe: several
// threads may compute parts of one output. Values must be finite.
#pragma once

#include <cstdint>

namespace m2tts {

// A product with weights that are packed once: less than BLAS's time at the widths of these networks, since
// nothing is packed per call and what follows the product happens in registers. Only where it is known to be
// faster: x86 with AVX2 or AVX-512. Columns of a panel, which one inner loop computes; 0: not here.
int64_t PanelColumns();

// weight: [out, in] -> packed: [ceil(out / panel), in, panel], zeros behind the last column. Requires a
// panel.
void PackWeight(const float* weight, int64_t out, int64_t in, float* packed);

struct PackedProductCall {
  const float* x = nullptr;       // [rows, in]
  const float* packed = nullptr;  // of PackWeight
  const float* bias = nullptr;    // [ceil(out / panel) * panel]
  const float* add = nullptr;     // [rows, out], or null
  float* result = nullptr;        // [rows, out]; may be `add`
  int64_t rows = 0, in = 0, out = 0;
  bool gelu = false;
};

// result = x * weight^T + bias, then gelu of it or plus `add`. Requires a panel.
void PackedProduct(const PackedProductCall& call);

// x[r][c] = gelu(x[r][c] + bias[c]), in place. x: [rows, columns]. The exact gelu, v * Phi(v)
// (Hendrycks and Gimpel 2016, equation 2), to an absolute error of 1e-6 * max(1, |v|).
void BiasGelu(float* x, const float* bias, int64_t rows, int64_t columns);

// Of `time` positions, those that a call computes.
struct Positions {
  int64_t begin = 0;
  int64_t end = 0;
  int64_t time = 0;
};

// out[t][c] = bias[c] + sum over k of weight[k][c] * x[t + k - kernel / 2][c], x zero beyond its ends.
// x, out: [time, channels]; weight: [kernel, channels].
void DepthwiseTimeConv(const float* x, const float* weight, const float* bias, float* out,
                       const Positions& positions, int64_t channels, int64_t kernel);

// Attention of every position to those within `reach` of it, itself included. qkv: [time, 3, heads, width];
// bias: [heads, 2 * reach + 1], added to the scores by distance; hidden: [time], added to the scores of a
// key (a large negative number hides it), or null; out: [time, heads, width].
void LocalAttention(const float* qkv, const float* bias, const float* hidden, float* out,
                    const Positions& positions, int64_t heads, int64_t width, int64_t reach);

}  // namespace m2tts
