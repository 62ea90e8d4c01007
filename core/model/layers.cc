#include "core/model/layers.h"

#include <cmath>

#include "core/model/fused_ops.h"

namespace m2tts {

torch::Tensor LengthMask(const torch::Tensor& lengths, int64_t max_length) {
  const auto steps = torch::arange(max_length, lengths.options()).unsqueeze(0);
  return (steps < lengths.unsqueeze(1)).to(torch::kFloat32).unsqueeze(2);
}

TimeConvImpl::TimeConvImpl(int64_t in, int64_t out, int64_t kernel) : kernel_(kernel) {
  linear_ = register_module("linear", Linear(in * kernel, out));
}

torch::Tensor TimeConvImpl::Neighbours(const torch::Tensor& x) const {
  if (kernel_ == 1) return x;
  const int64_t time = x.size(1);
  const auto padded = torch::constant_pad_nd(x, {0, 0, kernel_ / 2, kernel_ / 2});
  std::vector<torch::Tensor> neighbours;
  neighbours.reserve(kernel_);
  for (int64_t k = 0; k < kernel_; ++k) neighbours.push_back(padded.narrow(1, k, time));
  return torch::cat(neighbours, 2);
}

DepthwiseConvImpl::DepthwiseConvImpl(int64_t channels, int64_t kernel)
    : channels_(channels), kernel_(kernel) {
  const double bound = 1.0 / std::sqrt(static_cast<double>(kernel));
  weight_ = register_parameter("weight", torch::empty({channels, 1, 1, kernel}).uniform_(-bound, bound));
  bias_ = register_parameter("bias", torch::zeros({channels}));
}

torch::Tensor DepthwiseConvImpl::forward(const torch::Tensor& x) {
  if (Fusable(*this, x)) return FusedDepthwiseConv(x, weight_, bias_);
  // [B, C, 1, T] with channels-last strides: a view, and the fast path of the backends.
  return torch::conv2d(x.transpose(1, 2).unsqueeze(2), weight_, bias_, 1, at::IntArrayRef({0, kernel_ / 2}),
                       1, channels_)
      .squeeze(2)
      .transpose(1, 2);
}

}  // namespace m2tts
