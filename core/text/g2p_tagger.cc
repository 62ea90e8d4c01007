#include "core/text/g2p_tagger.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "core/text/g2p_format.h"

// The one hot loop, compiled for wider vectors, too, where the loader can choose between them.
// Sanitizers start after the choice is made, and do without.
#if defined(__x86_64__) && defined(__linux__) && defined(__GNUC__) && !defined(__clang__) && \
    !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define M2TTS_WIDE_VECTORS __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define M2TTS_WIDE_VECTORS
#endif

namespace m2tts {
namespace {

constexpr size_t kLetters = g2p_format::kLetterCount;

// y[0..n) += sum over i of x[i] * matrix[i][0..n).
M2TTS_WIDE_VECTORS
void AddProduct(const float* x, size_t inputs, const float* matrix, size_t n, float* y) {
  size_t i = 0;
  for (; i + 4 <= inputs; i += 4) {
    const float* const m0 = matrix + i * n;
    const float* const m1 = m0 + n;
    const float* const m2 = m1 + n;
    const float* const m3 = m2 + n;
    const float x0 = x[i];
    const float x1 = x[i + 1];
    const float x2 = x[i + 2];
    const float x3 = x[i + 3];
    for (size_t j = 0; j < n; ++j) y[j] += (x0 * m0[j] + x1 * m1[j]) + (x2 * m2[j] + x3 * m3[j]);
  }
  for (; i < inputs; ++i) {
    for (size_t j = 0; j < n; ++j) y[j] += x[i] * matrix[i * n + j];
  }
}

float Sigmoid(float x) {
  return 1.0f / (1.0f + std::exp(-x));
}

// Takes matrices and vectors off the front of the bytes.
class WeightReader {
 public:
  explicit WeightReader(const unsigned char* bytes) : at_(bytes) {}

  std::vector<float> Vector(size_t size) {
    std::vector<float> out(size);
    std::memcpy(out.data(), at_, size * sizeof(float));
    at_ += size * sizeof(float);
    for (const float value : out) finite_ &= std::isfinite(value);
    return out;
  }

  // [inputs][outputs], from 8 bits and one scale per output.
  std::vector<float> Matrix(size_t inputs, size_t outputs) {
    const std::vector<float> scale = Vector(outputs);
    std::vector<float> out(inputs * outputs);
    const auto* const bytes = reinterpret_cast<const int8_t*>(at_);
    for (size_t i = 0; i < inputs; ++i) {
      for (size_t j = 0; j < outputs; ++j)
        out[i * outputs + j] = scale[j] * static_cast<float>(bytes[i * outputs + j]);
    }
    at_ += inputs * outputs;
    return out;
  }

  bool finite() const { return finite_; }

 private:
  const unsigned char* at_;
  bool finite_ = true;
};

size_t MatrixBytes(size_t inputs, size_t outputs) {
  return outputs * sizeof(float) + inputs * outputs;
}

}  // namespace

size_t G2pTagger::SizeBytes(const Shape& shape) {
  const size_t gates = 4 * shape.hidden;
  const size_t recurrent = MatrixBytes(shape.hidden, gates) + gates * sizeof(float);
  return MatrixBytes(kLetters, shape.embedding) + 2 * (MatrixBytes(shape.embedding, gates) + recurrent) +
         2 * (MatrixBytes(2 * shape.hidden, gates) + recurrent) +
         MatrixBytes(2 * shape.hidden, shape.outputs) + shape.outputs * sizeof(float);
}

bool G2pTagger::Load(const unsigned char* bytes, const Shape& shape) {
  shape_ = shape;
  WeightReader reader(bytes);
  const size_t gates = 4 * shape.hidden;
  const std::vector<float> embedding = reader.Matrix(kLetters, shape.embedding);
  for (size_t layer = 0; layer < 2; ++layer) {
    for (Direction& direction : layers_[layer]) {
      const size_t inputs = layer == 0 ? shape.embedding : 2 * shape.hidden;
      direction.input = reader.Matrix(inputs, gates);
      direction.recurrent = reader.Matrix(shape.hidden, gates);
      direction.bias = reader.Vector(gates);
      if (layer > 0) continue;
      // There are few letters: what each sends to the gates is computed once.
      std::vector<float> table(kLetters * gates);
      for (size_t letter = 0; letter < kLetters; ++letter) {
        std::copy(direction.bias.begin(), direction.bias.end(),
                  table.begin() + static_cast<ptrdiff_t>(letter * gates));
        AddProduct(&embedding[letter * shape.embedding], shape.embedding, direction.input.data(), gates,
                   &table[letter * gates]);
      }
      direction.input = std::move(table);
    }
  }
  const std::vector<float> output = reader.Matrix(2 * shape.hidden, shape.outputs);
  output_.resize(output.size());
  for (size_t i = 0; i < 2 * shape.hidden; ++i) {
    for (size_t g = 0; g < shape.outputs; ++g)
      output_[g * 2 * shape.hidden + i] = output[i * shape.outputs + g];
  }
  output_bias_ = reader.Vector(shape.outputs);
  return reader.finite();
}

// `gates_in`: [length][4 hidden], the input's part of the gates. Writes the states of this direction
// into columns [offset, offset + hidden) of `out`, [length][2 hidden]. Gates in LibTorch's order:
// input, forget, cell, output.
void G2pTagger::Run(const Direction& direction, const std::vector<float>& gates_in, size_t length,
                    bool reverse, size_t offset, std::vector<float>* out) const {
  const size_t h = shape_.hidden;
  std::vector<float> state(h, 0.0f);
  std::vector<float> cell(h, 0.0f);
  std::vector<float> gates(4 * h);
  for (size_t step = 0; step < length; ++step) {
    const size_t t = reverse ? length - 1 - step : step;
    std::copy_n(&gates_in[t * 4 * h], 4 * h, gates.begin());
    if (step > 0) AddProduct(state.data(), h, direction.recurrent.data(), 4 * h, gates.data());
    for (size_t i = 0; i < h; ++i) {
      cell[i] = Sigmoid(gates[h + i]) * cell[i] + Sigmoid(gates[i]) * std::tanh(gates[2 * h + i]);
      state[i] = Sigmoid(gates[3 * h + i]) * std::tanh(cell[i]);
    }
    std::copy(state.begin(), state.end(), out->begin() + static_cast<ptrdiff_t>(t * 2 * h + offset));
  }
}

void G2pTagger::Costs(const std::vector<int>& letters, const std::vector<size_t>& first,
                      const std::vector<size_t>& last, std::vector<std::vector<float>>* costs) const {
  const size_t length = letters.size();
  const size_t h = shape_.hidden;
  std::vector<float> gates(length * 4 * h);
  std::vector<float> lower(length * 2 * h);
  std::vector<float> upper(length * 2 * h);
  for (size_t d = 0; d < 2; ++d) {
    for (size_t t = 0; t < length; ++t) {
      std::copy_n(&layers_[0][d].input[static_cast<size_t>(letters[t]) * 4 * h], 4 * h, &gates[t * 4 * h]);
    }
    Run(layers_[0][d], gates, length, d == 1, d * h, &lower);
  }
  for (size_t d = 0; d < 2; ++d) {
    for (size_t t = 0; t < length; ++t) {
      std::copy(layers_[1][d].bias.begin(), layers_[1][d].bias.end(),
                gates.begin() + static_cast<ptrdiff_t>(t * 4 * h));
      AddProduct(&lower[t * 2 * h], 2 * h, layers_[1][d].input.data(), 4 * h, &gates[t * 4 * h]);
    }
    Run(layers_[1][d], gates, length, d == 1, d * h, &upper);
  }
  costs->resize(length);
  for (size_t t = 0; t < length; ++t) {
    std::vector<float>& row = (*costs)[t];
    row.clear();
    float largest = -1e30f;
    for (size_t g = first[t]; g < last[t]; ++g) {
      float logit = output_bias_[g];
      for (size_t i = 0; i < 2 * h; ++i) logit += output_[g * 2 * h + i] * upper[t * 2 * h + i];
      row.push_back(logit);
      largest = std::max(largest, logit);
    }
    float sum = 0;
    for (const float logit : row) sum += std::exp(logit - largest);
    for (float& logit : row) logit = largest + std::log(sum) - logit;
  }
}

}  // namespace m2tts
