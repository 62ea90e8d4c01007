// The neural half of the grapheme-to-phoneme model: letters in, the cost of every graphone out.
//
// A two-layer bidirectional LSTM, written out: no LibTorch, no allocation inside the recurrence.
// Trained by trainer/g2p/tagger.h, which cites its source.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace m2tts {

// Immutable after Load; any number of threads may call Costs.
class G2pTagger {
 public:
  struct Shape {
    size_t embedding = 0;
    size_t hidden = 0;
    size_t outputs = 0;  // graphones
  };
  // The bytes that a tagger of this shape takes in a model file.
  static size_t SizeBytes(const Shape& shape);

  // `bytes` holds SizeBytes(shape) bytes, as trainer/g2p/tagger.cc writes them. False when a
  // weight is not a number.
  bool Load(const unsigned char* bytes, const Shape& shape);

  // `letters`: indexes 0 to 26, at least one. For letter t and each graphone g of
  // [first[t], last[t]) appends -ln p(g | letters), p being normalized over that letter's graphones.
  void Costs(const std::vector<int>& letters, const std::vector<size_t>& first,
             const std::vector<size_t>& last, std::vector<std::vector<float>>* costs) const;

 private:
  struct Direction {
    std::vector<float> input;      // [inputs][4 hidden]; layer 1: [letters][4 hidden], bias in it
    std::vector<float> recurrent;  // [hidden][4 hidden]
    std::vector<float> bias;       // [4 hidden]
  };
  void Run(const Direction& direction, const std::vector<float>& gates_in, size_t length, bool reverse,
           size_t offset, std::vector<float>* out) const;

  Shape shape_;
  Direction layers_[2][2];          // layer, direction (0 forward, 1 backward)
  std::vector<float> output_;       // [outputs][2 hidden]
  std::vector<float> output_bias_;  // [outputs]
};

}  // namespace m2tts
