// Local attention and depthwise convolution as one loop each (cpu_kernels.h), for inference on a CPU in
// float32; elsewhere the modules use LibTorch's operations. The two ways agree to rounding. Thread-safe.
#pragma once

#include <torch/torch.h>

namespace m2tts {

// x is where these work: on the CPU, in float32, and neither a gradient nor lower precision is wanted. A
// module in training never fuses: what it recomputes for a gradient must be what it computed first.
bool Fusable(const torch::nn::Module& module, const torch::Tensor& x);

// Rows that are worth a thread of at::parallel_for.
constexpr int64_t kRowsPerThread = 64;

// "Same" zero padding. x: [B, T, C], weight: [C, 1, 1, kernel], bias: [C] -> [B, T, C].
torch::Tensor FusedDepthwiseConv(const torch::Tensor& x, const torch::Tensor& weight,
                                 const torch::Tensor& bias);

// qkv: [B, T, 3 * C]; bias: [heads, 2 * reach + 1], by distance; hidden: [B, T, 1], added to the scores of
// a key, or undefined -> [B, T, C].
torch::Tensor FusedLocalAttention(const torch::Tensor& qkv, const torch::Tensor& bias,
                                  const torch::Tensor& hidden);

}  // namespace m2tts
