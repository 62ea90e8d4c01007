// A linear layer, with what often follows it in the same pass over memory. For inference on a CPU in
// float32 a bias, a gelu and a residual are part of the product; elsewhere, and in training, they are
// LibTorch's operations. The two ways agree to rounding. Parameters: `weight` [out, in], `bias` [out].
#pragma once

#include <torch/torch.h>

namespace m2tts {

// Inputs [..., in], outputs [..., out]. Thread-safe without gradients.
class LinearImpl : public torch::nn::LinearImpl {
 public:
  LinearImpl(int64_t in, int64_t out) : torch::nn::LinearImpl(in, out) {}

  torch::Tensor forward(const torch::Tensor& x);
  // gelu(forward(x)).
  torch::Tensor Gelu(const torch::Tensor& x);
  // sum + forward(x); `sum` is not changed.
  torch::Tensor AddTo(const torch::Tensor& sum, const torch::Tensor& x);

  // Lays the weight out for inference on its device, and for nothing else: where a copy is laid out, the
  // weight itself is given up, and NaN shows whoever uses it nevertheless.
  void Prepare();

 private:
  torch::Tensor Packed(const torch::Tensor& x, const torch::Tensor& add, bool gelu) const;

  // cpu_kernels.h; undefined before Prepare, and where LibTorch's products are used.
  torch::Tensor packed_;
  torch::Tensor padded_bias_;
};
TORCH_MODULE(Linear);

}  // namespace m2tts
