// The neural part of a G2P model: for every letter of a word, how likely each of its graphones is.
//
//   x[t] = sum of the table rows that g2p_features.h names for letter t
//   for each block:  x[t] += bias + W0 relu(x[t - dilation]) + W1 relu(x[t]) + W2 relu(x[t + dilation])
//   log p(graphone) = log softmax over the graphones of the letter of (u relu(x[t]) + c)
//
// Its bytes, after the n-gram, all weights as i8 times a scale:
//   u32 dilation [blocks]
//   f32 scale [table rows]              i8 [table rows][width]
//   f32 scale [blocks][width out]       i8 [blocks][3][width in][width out]
//   f32 scale [graphones]               i8 [graphones][width]
//   f32 bias [blocks][width]            f32 bias [graphones]
//
// The table stays in the mapped file; the rest, small, is unpacked to floats. Immutable after Open; any
// thread may call it. Work is linear in the length of the word.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/base/status.h"

namespace m2tts {

class G2pTagger {
 public:
  struct Shape {
    uint32_t width = 0;        // a multiple of 16, at most 256
    uint32_t blocks = 0;       // at most 16
    uint32_t hashed_rows = 0;  // at least 1
    uint32_t graphones = 0;
  };
  static constexpr int kMaxDilation = 8;

  // Takes `available` bytes at `data`, all of them. DATA_LOSS when they do not fit the shape, or hold a
  // number that is not finite.
  static StatusOr<G2pTagger> Open(const unsigned char* data, size_t available, const Shape& shape);

  // The rectified state of the last block for each letter, [length][width].
  std::vector<float> Encode(const std::vector<uint8_t>& letters) const;

  // Log-probabilities of the graphones [first, last) of a letter whose state is `state`, into `*out`.
  void Score(const float* state, uint32_t first, uint32_t last, std::vector<float>* out) const;

  size_t width() const { return shape_.width; }

 private:
  Shape shape_;
  const unsigned char* row_scales_ = nullptr;
  const signed char* rows_ = nullptr;
  std::vector<uint32_t> dilations_;
  std::vector<float> convolution_;
  std::vector<float> bias_;
  std::vector<float> output_;
  std::vector<float> output_bias_;
};

}  // namespace m2tts
