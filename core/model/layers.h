// The small pieces that the networks are made of. All work on [B, T, C]: batch, time
// (phonemes or frames), channels; channels last, so that a convolution over time is a
// matrix product and nothing is transposed.
#pragma once

#include <torch/torch.h>

#include "core/model/linear.h"

namespace m2tts {

// x without what `mask` hides; undefined: it hides nothing.
inline torch::Tensor Masked(const torch::Tensor& x, const torch::Tensor& mask) {
  return mask.defined() ? x * mask : x;
}

// lengths: int64 [B] -> float [B, T, 1], 1 where t < length, on the device of `lengths`.
torch::Tensor LengthMask(const torch::Tensor& lengths, int64_t max_length);

// Convolution over time, "same" zero padding, as one matrix product over the
// concatenated neighbours: faster than a convolution call at these widths, forward and back.
class TimeConvImpl : public torch::nn::Module {
 public:
  TimeConvImpl(int64_t in, int64_t out, int64_t kernel);
  // x: [B, T, in] -> [B, T, out]. Positions beyond a length must be zero in x.
  torch::Tensor forward(const torch::Tensor& x) { return linear_(Neighbours(x)); }
  int64_t reach() const { return kernel_ / 2; }

  // Its two halves. [B, T, in] -> [B, T, kernel * in]: every position with those around it.
  torch::Tensor Neighbours(const torch::Tensor& x) const;
  Linear& linear() { return linear_; }

 private:
  int64_t kernel_;
  Linear linear_{nullptr};
};
TORCH_MODULE(TimeConv);

// Depthwise convolution over time, "same" zero padding. x: [B, T, C] -> [B, T, C].
class DepthwiseConvImpl : public torch::nn::Module {
 public:
  DepthwiseConvImpl(int64_t channels, int64_t kernel);
  torch::Tensor forward(const torch::Tensor& x);
  int64_t reach() const { return kernel_ / 2; }

 private:
  int64_t channels_;
  int64_t kernel_;
  torch::Tensor weight_;  // [C, 1, 1, kernel]
  torch::Tensor bias_;    // [C]
};
TORCH_MODULE(DepthwiseConv);

}  // namespace m2tts
