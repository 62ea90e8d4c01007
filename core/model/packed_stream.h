// Convolutions and local attention over streams, without computing a frame twice.
//
// A layer of reach r needs r neighbours of a frame on both sides. Over a stream it therefore lags: of
// the frames [0, n) that it has seen it can give [0, n - r), and it remembers the last 2r of them for
// what comes. Before the beginning and after the end stand r frames of padding, as zeros and masked, so
// that a stream gives what its frames give at once.
//
//   seen      p p p 0 1 2 3 4 5 6 7        p: padding          reach 3
//   given           0 1 2 3 4              remembered: 2 3 4 5 6 7
//
// Several streams are one call of the layer: their stretches lie one after another on the time axis
// ("packed"), each with what it remembers in front. The layer also computes nonsense across their
// borders; that lies within r of a border, where nothing is given. So no stream is padded to the length
// of another, and each is the same in any company.
//
// A network is a row of such layers; its memory is theirs. A step works on copies of memories (of
// tensors that are never written again), so that one that fails has changed nothing.
//
// Not thread-safe; steps of different streams may run at once.
#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <functional>
#include <vector>

namespace m2tts {

// What one layer remembers of one stream.
struct LayerMemory {
  torch::Tensor frames;  // [up to 2 * reach, C]; undefined before the first step
  int64_t padding = 0;   // of these, frames before the beginning
};

// Of all layers of one network, in their order; empty before the first step.
using StreamMemory = std::vector<LayerMemory>;

class PackedStep {
 public:
  // One tensor [frames, C] per stream.
  using Rows = std::vector<torch::Tensor>;
  // x: [1, P, C] -> [1, P, C'], with a reach. mask: [1, P, 1], zero where x is padding; undefined: nowhere.
  using Layer = std::function<torch::Tensor(const torch::Tensor& x, const torch::Tensor& mask)>;

  // memories: of the same network, one per stream, changed by Through. last: no frames follow in that
  // stream. few_lengths: P takes few values, for devices that prepare a plan per shape.
  PackedStep(std::vector<StreamMemory*> memories, std::vector<bool> last, bool few_lengths = false);

  // The next layer of the network. Every row has a frame at least.
  Rows Through(int64_t reach, const Layer& layer, const Rows& rows);
  // What works on each frame alone, and remembers nothing.
  Rows Each(const std::function<torch::Tensor(const torch::Tensor& x)>& layer, const Rows& rows) const;

 private:
  struct Stretch {
    int64_t begin = 0;  // on the packed axis
    int64_t length = 0;
    int64_t front = 0;  // frames of padding before the stream's beginning
    int64_t back = 0;   // and behind its end
  };

  torch::Tensor Pack(std::vector<torch::Tensor> parts, int64_t length) const;
  torch::Tensor Mask(const std::vector<Stretch>& stretches, const torch::Tensor& packed) const;

  const std::vector<StreamMemory*> memories_;
  const std::vector<bool> last_;
  const bool few_lengths_;
  size_t layer_ = 0;
};

}  // namespace m2tts
