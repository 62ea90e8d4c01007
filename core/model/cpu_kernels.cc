#include "core/model/cpu_kernels.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <string_view>
#include <vector>

// Every kernel is written once and compiled for the oldest processor of the platform and, on x86, for
// those with AVX2, some for those with AVX-512 too; which one is chosen when the program runs.
#define M2TTS_KERNEL inline __attribute__((always_inline))
#if defined(__x86_64__)
#define M2TTS_AVX2 __attribute__((target("avx2,fma")))
#define M2TTS_AVX512 __attribute__((target("avx512f,avx512vl,avx2,fma")))
#endif

namespace m2tts {
namespace {

using Float8 = float __attribute__((vector_size(32), aligned(4), may_alias));
using Float16 = float __attribute__((vector_size(64), aligned(4), may_alias));

// v = gelu(v), of a float or of several. With q = erfc(|v| / sqrt(2)), gelu(v) = max(v, 0) - |v| q / 2: no
// case to distinguish. erfc: Abramowitz and Stegun, Handbook of Mathematical Functions, 7.1.28; its power
// overflows where q is zero.
template <typename T>
M2TTS_KERNEL void Gelu(T& v) {
  const T zero = {};
  const T size = v < zero ? -v : v;
  const T z = size * 0.707106781f;
  T p = z * 0.0000430638f + 0.0002765672f;
  p = p * z + 0.0001520143f;
  p = p * z + 0.0092705272f;
  p = p * z + 0.0422820123f;
  p = p * z + 0.0705230784f;
  p = p * z + 1.0f;
  p *= p;
  p *= p;
  p *= p;
  p *= p;
  v = (v < zero ? zero : v) - 0.5f * size / p;
}

M2TTS_KERNEL void GeluRows(float* x, const float* bias, int64_t rows, int64_t columns) {
  for (int64_t row = 0; row < rows; ++row, x += columns) {
    for (int64_t i = 0; i < columns; ++i) {
      float v = x[i] + bias[i];
      Gelu(v);
      x[i] = v;
    }
  }
}

// Columns of a panel: two vectors of so many bytes.
constexpr int64_t PanelOf(size_t vector_bytes) {
  return static_cast<int64_t>(2 * vector_bytes / sizeof(float));
}

// `rows` rows from `row` on, times one panel. Their sums stay in registers.
template <typename V, int rows>
M2TTS_KERNEL void MultiplyTile(const PackedProductCall& call, int64_t row, int64_t column) {
  constexpr int64_t kPanel = PanelOf(sizeof(V)), kLanes = kPanel / 2;
  const float* const x = call.x + row * call.in;
  const float* weight = call.packed + column * call.in;
  V sums[rows][2] = {};
  for (int64_t k = 0; k < call.in; ++k, weight += kPanel) {
    const V left = *reinterpret_cast<const V*>(weight);
    const V right = *reinterpret_cast<const V*>(weight + kLanes);
    for (int i = 0; i < rows; ++i) {
      sums[i][0] += x[i * call.in + k] * left;
      sums[i][1] += x[i * call.in + k] * right;
    }
  }
  const int64_t width = std::min(kPanel, call.out - column);
  for (int i = 0; i < rows; ++i) {
    for (int half = 0; half < 2; ++half) {
      sums[i][half] += *reinterpret_cast<const V*>(call.bias + column + kLanes * half);
      if (call.gelu) Gelu(sums[i][half]);
    }
    const int64_t place = (row + i) * call.out + column;
    if (width == kPanel) {
      for (int half = 0; half < 2; ++half) {
        if (call.add != nullptr) {
          sums[i][half] += *reinterpret_cast<const V*>(call.add + place + kLanes * half);
        }
        *reinterpret_cast<V*>(call.result + place + kLanes * half) = sums[i][half];
      }
      continue;
    }
    for (int64_t c = 0; c < width; ++c) {
      call.result[place + c] =
          sums[i][c / kLanes][c % kLanes] + (call.add != nullptr ? call.add[place + c] : 0.0f);
    }
  }
}

// A panel at a time: it stays in a near cache while all rows pass. 6 rows need 12 of AVX2's 16 registers for
// their sums, 12 rows 24 of AVX-512's 32.
template <typename V, int tile>
M2TTS_KERNEL void MultiplyPanels(const PackedProductCall& call) {
  for (int64_t column = 0; column < call.out; column += PanelOf(sizeof(V))) {
    int64_t row = 0;
    for (; row + tile <= call.rows; row += tile) MultiplyTile<V, tile>(call, row, column);
    for (; row + tile / 3 <= call.rows; row += tile / 3) MultiplyTile<V, tile / 3>(call, row, column);
    for (; row < call.rows; ++row) MultiplyTile<V, 1>(call, row, column);
  }
}

M2TTS_KERNEL void ConvolveRows(const float* x, const float* weight, const float* bias, float* out,
                               const Positions& positions, int64_t channels, int64_t kernel) {
  out += positions.begin * channels;
  for (int64_t t = positions.begin; t < positions.end; ++t, out += channels) {
    std::copy(bias, bias + channels, out);
    const int64_t first = std::max<int64_t>(0, kernel / 2 - t);
    const int64_t end = std::min(kernel, positions.time + kernel / 2 - t);
    for (int64_t k = first; k < end; ++k) {
      const float* const from = x + (t + k - kernel / 2) * channels;
      const float* const by = weight + k * channels;
      for (int64_t c = 0; c < channels; ++c) out[c] += by[c] * from[c];
    }
  }
}

// Several sums side by side, since the compiler may not reorder one.
M2TTS_KERNEL float Dot(const float* a, const float* b, int64_t width) {
  constexpr int64_t kLanes = 16;
  float sums[kLanes] = {};
  int64_t i = 0;
  for (; i + kLanes <= width; i += kLanes) {
    for (int64_t lane = 0; lane < kLanes; ++lane) sums[lane] += a[i + lane] * b[i + lane];
  }
  float sum = 0.0f;
  for (; i < width; ++i) sum += a[i] * b[i];
  for (const float lane : sums) sum += lane;
  return sum;
}

M2TTS_KERNEL void AttendRows(const float* qkv, const float* bias, const float* hidden, float* out,
                             float* scores, const Positions& positions, int64_t heads, int64_t width,
                             int64_t reach) {
  const int64_t channels = heads * width, row = 3 * channels;
  const float scale = 1.0f / std::sqrt(static_cast<float>(width));
  out += positions.begin * channels;
  for (int64_t t = positions.begin; t < positions.end; ++t) {
    const int64_t first = std::max<int64_t>(0, t - reach), end = std::min(positions.time, t + reach + 1);
    for (int64_t head = 0; head < heads; ++head, out += width) {
      const float* const query = qkv + t * row + head * width;
      const float* const keys = qkv + channels + head * width;
      const float* const values = keys + channels;
      float highest = -INFINITY;
      for (int64_t key = first; key < end; ++key) {
        const float score = scale * Dot(query, keys + key * row, width) +
                            bias[head * (2 * reach + 1) + key - t + reach] + (hidden ? hidden[key] : 0.0f);
        scores[key - first] = score;
        highest = std::max(highest, score);
      }
      float sum = 0.0f;
      for (int64_t i = 0; i < end - first; ++i) sum += scores[i] = std::exp(scores[i] - highest);
      std::fill(out, out + width, 0.0f);
      for (int64_t key = first; key < end; ++key) {
        const float share = scores[key - first] / sum;
        const float* const value = values + key * row;
        for (int64_t i = 0; i < width; ++i) out[i] += share * value[i];
      }
    }
  }
}

#if defined(__x86_64__)
// LibTorch's own switch for its kernels; tests use it for those that this processor would not choose.
bool Allowed(std::string_view lower) {
  const char* const most = std::getenv("ATEN_CPU_CAPABILITY");
  return most == nullptr || (std::string_view(most) != "default" && std::string_view(most) != lower);
}

const bool kHasAvx2 = Allowed("default") && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
const bool kHasAvx512 =
    Allowed("avx2") && kHasAvx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl");

M2TTS_AVX2 void MultiplyAvx2(const PackedProductCall& call) {
  MultiplyPanels<Float8, 6>(call);
}

M2TTS_AVX512 void MultiplyAvx512(const PackedProductCall& call) {
  MultiplyPanels<Float16, 12>(call);
}

M2TTS_AVX2 void GeluAvx2(float* x, const float* bias, int64_t rows, int64_t columns) {
  GeluRows(x, bias, rows, columns);
}

M2TTS_AVX2 void ConvolveAvx2(const float* x, const float* weight, const float* bias, float* out,
                             const Positions& positions, int64_t channels, int64_t kernel) {
  ConvolveRows(x, weight, bias, out, positions, channels, kernel);
}

M2TTS_AVX2 void AttendAvx2(const float* qkv, const float* bias, const float* hidden, float* out,
                           float* scores, const Positions& positions, int64_t heads, int64_t width,
                           int64_t reach) {
  AttendRows(qkv, bias, hidden, out, scores, positions, heads, width, reach);
}
#endif

}  // namespace

int64_t PanelColumns() {
#if defined(__x86_64__)
  if (kHasAvx512) return PanelOf(sizeof(Float16));
  if (kHasAvx2) return PanelOf(sizeof(Float8));
#endif
  return 0;
}

void PackWeight(const float* weight, int64_t out, int64_t in, float* packed) {
  const int64_t panel = PanelColumns();
  for (int64_t column = 0; column < out; column += panel) {
    for (int64_t k = 0; k < in; ++k) {
      for (int64_t c = column; c < column + panel; ++c) *packed++ = c < out ? weight[c * in + k] : 0.0f;
    }
  }
}

void PackedProduct([[maybe_unused]] const PackedProductCall& call) {
#if defined(__x86_64__)
  kHasAvx512 ? MultiplyAvx512(call) : MultiplyAvx2(call);
#endif
}

void BiasGelu(float* x, const float* bias, int64_t rows, int64_t columns) {
#if defined(__x86_64__)
  if (kHasAvx2) return GeluAvx2(x, bias, rows, columns);
#endif
  GeluRows(x, bias, rows, columns);
}

void DepthwiseTimeConv(const float* x, const float* weight, const float* bias, float* out,
                       const Positions& positions, int64_t channels, int64_t kernel) {
#if defined(__x86_64__)
  if (kHasAvx2) return ConvolveAvx2(x, weight, bias, out, positions, channels, kernel);
#endif
  ConvolveRows(x, weight, bias, out, positions, channels, kernel);
}

void LocalAttention(const float* qkv, const float* bias, const float* hidden, float* out,
                    const Positions& positions, int64_t heads, int64_t width, int64_t reach) {
  std::vector<float> scores(2 * reach + 1);
#if defined(__x86_64__)
  if (kHasAvx2) return AttendAvx2(qkv, bias, hidden, out, scores.data(), positions, heads, width, reach);
#endif
  AttendRows(qkv, bias, hidden, out, scores.data(), positions, heads, width, reach);
}

}  // namespace m2tts
