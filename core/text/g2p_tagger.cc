#include "core/text/g2p_tagger.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "core/base/little_endian.h"
#include "core/text/g2p_features.h"

namespace m2tts {
namespace {

namespace features = g2p_features;

// Eight floats: two registers of SSE or NEON, or one of AVX2; and sixteen, one of AVX-512.
using Vector8 = float __attribute__((vector_size(32)));
using Vector16 = float __attribute__((vector_size(64)));
constexpr size_t kLanes = 8;

// Reads consecutive arrays; the sizes have been checked before.
class Cursor {
 public:
  explicit Cursor(const unsigned char* data) : at_(data) {}
  const unsigned char* Take(size_t bytes) {
    const unsigned char* const p = at_;
    at_ += bytes;
    return p;
  }
  // False when one is not finite.
  bool TakeFloats(size_t count, std::vector<float>* out) {
    bool finite = true;
    for (size_t i = 0; i < count; ++i) {
      out->push_back(LoadF32(Take(4)));
      finite = finite && std::isfinite(out->back());
    }
    return finite;
  }

 private:
  const unsigned char* at_;
};

// y[r][0, n) += the sum over i of x[r][i] * w[i][0, n), for `Rows` rows and 16 columns at a time.
template <typename Vector, size_t Rows>
[[gnu::always_inline]] inline void MultiplyTile(const float* x, const float* w, float* y, size_t n) {
  constexpr size_t kVectors = 64 / sizeof(Vector);
  for (size_t column = 0; column < n; column += 16) {
    Vector sum[Rows][kVectors];
    for (size_t r = 0; r < Rows; ++r) std::memcpy(sum[r], y + r * n + column, sizeof(sum[r]));
    for (size_t i = 0; i < n; ++i) {
      Vector right[kVectors];
      std::memcpy(right, w + i * n + column, sizeof(right));
      for (size_t r = 0; r < Rows; ++r) {
        const float left = x[r * n + i];
        for (size_t v = 0; v < kVectors; ++v) sum[r][v] += left * right[v];
      }
    }
    for (size_t r = 0; r < Rows; ++r) std::memcpy(y + r * n + column, sum[r], sizeof(sum[r]));
  }
}

// Tiles of `Rows` rows, then of half as many: every tile reads all weights, and a single row waits for
// its own sums.
template <typename Vector, size_t Rows>
[[gnu::always_inline]] inline void Multiply(const float* x, const float* w, float* y, size_t rows, size_t n) {
  size_t r = 0;
  for (; r + Rows <= rows; r += Rows) MultiplyTile<Vector, Rows>(x + r * n, w, y + r * n, n);
  if constexpr (Rows > 1) {
    if (r < rows) Multiply<Vector, Rows / 2>(x + r * n, w, y + r * n, rows - r, n);
  }
}

using MultiplyFunction = void (*)(const float*, const float*, float*, size_t, size_t);

void MultiplyPlain(const float* x, const float* w, float* y, size_t rows, size_t n) {
  Multiply<Vector8, 2>(x, w, y, rows, n);
}

#if defined(__x86_64__)
__attribute__((target("avx2,fma"))) void MultiplyAvx2(const float* x, const float* w, float* y, size_t rows,
                                                      size_t n) {
  Multiply<Vector8, 4>(x, w, y, rows, n);
}

__attribute__((target("avx512f"))) void MultiplyAvx512(const float* x, const float* w, float* y, size_t rows,
                                                       size_t n) {
  Multiply<Vector16, 16>(x, w, y, rows, n);
}
#endif

MultiplyFunction ChooseMultiply() {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f")) return MultiplyAvx512;
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return MultiplyAvx2;
#endif
  return MultiplyPlain;
}

const MultiplyFunction kMultiply = ChooseMultiply();

}  // namespace

StatusOr<G2pTagger> G2pTagger::Open(const unsigned char* data, size_t available, const Shape& shape) {
  const size_t width = shape.width;
  if (width == 0 || width % 16 != 0 || width > 256 || shape.blocks > 16 || shape.hashed_rows == 0 ||
      shape.hashed_rows > (1U << 20)) {
    return DataLoss("tagger of an impossible shape");
  }
  const size_t rows = features::kLetterRows + shape.hashed_rows;
  const size_t blocks = shape.blocks;
  const size_t expected = blocks * 4 + rows * (4 + width) + blocks * width * 4 + blocks * 3 * width * width +
                          shape.graphones * (size_t{4} + width) + blocks * width * 4 +
                          shape.graphones * size_t{4};
  if (available != expected) return DataLoss("tagger is truncated, or followed by other data");

  G2pTagger tagger;
  tagger.shape_ = shape;
  Cursor cursor(data);
  for (size_t b = 0; b < blocks; ++b) {
    tagger.dilations_.push_back(LoadU32(cursor.Take(4)));
    if (tagger.dilations_.back() == 0 || tagger.dilations_.back() > kMaxDilation) {
      return DataLoss("tagger dilation {} is outside [1, {}]", tagger.dilations_.back(), kMaxDilation);
    }
  }
  tagger.row_scales_ = cursor.Take(rows * 4);
  bool finite = true;
  for (size_t r = 0; r < rows; ++r) finite = finite && std::isfinite(LoadF32(tagger.row_scales_ + r * 4));
  tagger.rows_ = reinterpret_cast<const signed char*>(cursor.Take(rows * width));
  std::vector<float> scales;
  finite = cursor.TakeFloats(blocks * width, &scales) && finite;
  const auto* weights = reinterpret_cast<const signed char*>(cursor.Take(blocks * 3 * width * width));
  for (size_t i = 0; i < blocks * 3 * width * width; ++i) {
    const size_t block = i / (3 * width * width);
    tagger.convolution_.push_back(static_cast<float>(weights[i]) * scales[block * width + i % width]);
  }
  scales.clear();
  finite = cursor.TakeFloats(shape.graphones, &scales) && finite;
  weights = reinterpret_cast<const signed char*>(cursor.Take(shape.graphones * width));
  for (size_t i = 0; i < shape.graphones * width; ++i) {
    tagger.output_.push_back(static_cast<float>(weights[i]) * scales[i / width]);
  }
  finite = cursor.TakeFloats(blocks * width, &tagger.bias_) && finite;
  finite = cursor.TakeFloats(shape.graphones, &tagger.output_bias_) && finite;
  if (!finite) return DataLoss("tagger weight that is not a number");
  return tagger;
}

std::vector<float> G2pTagger::Encode(const std::vector<uint8_t>& letters) const {
  const size_t width = shape_.width;
  const size_t n = letters.size();
  constexpr size_t kGap = kMaxDilation;  // zeros before and after the word
  std::vector<float> state(n * width, 0.0F);
  std::vector<float> active((n + 2 * kGap) * width, 0.0F);
  for (size_t t = 0; t < n; ++t) {
    float* const x = &state[t * width];
    for (const uint32_t row : features::RowsAt(letters.data(), n, t, shape_.hashed_rows)) {
      const float scale = LoadF32(row_scales_ + size_t{row} * 4);
      const signed char* const q = rows_ + size_t{row} * width;
      for (size_t i = 0; i < width; ++i) x[i] += scale * static_cast<float>(q[i]);
    }
  }
  float* const inner = &active[kGap * width];
  const auto rectify = [&] {
    for (size_t i = 0; i < state.size(); ++i) inner[i] = std::max(state[i], 0.0F);
  };
  for (size_t block = 0; block < shape_.blocks; ++block) {
    rectify();
    for (size_t t = 0; t < n; ++t) {
      for (size_t i = 0; i < width; ++i) state[t * width + i] += bias_[block * width + i];
    }
    const float* const weights = &convolution_[block * 3 * width * width];
    const size_t reach = dilations_[block] * width;
    kMultiply(inner - reach, weights, state.data(), n, width);
    kMultiply(inner, weights + width * width, state.data(), n, width);
    kMultiply(inner + reach, weights + 2 * width * width, state.data(), n, width);
  }
  rectify();
  return std::vector<float>(inner, inner + n * width);
}

void G2pTagger::Score(const float* state, uint32_t first, uint32_t last, std::vector<float>* out) const {
  const size_t width = shape_.width;
  out->clear();
  float top = -1e30F;
  for (uint32_t symbol = first; symbol < last; ++symbol) {
    const float* const u = &output_[symbol * width];
    std::array<float, kLanes> partial{};
    for (size_t i = 0; i < width; i += kLanes) {
      for (size_t lane = 0; lane < kLanes; ++lane) partial[lane] += u[i + lane] * state[i + lane];
    }
    float logit = output_bias_[symbol];
    for (const float p : partial) logit += p;
    out->push_back(logit);
    top = std::max(top, logit);
  }
  float sum = 0;
  for (const float logit : *out) sum += std::exp(logit - top);
  const float normalizer = top + std::log(sum);
  if (!std::isfinite(normalizer)) {  // weights of a file made to overflow
    std::fill(out->begin(), out->end(), 0.0F);
    return;
  }
  for (float& logit : *out) logit -= normalizer;
}

}  // namespace m2tts
