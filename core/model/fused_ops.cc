#include "core/model/fused_ops.h"

#include <ATen/Parallel.h>

#include "core/device/autocast.h"
#include "core/model/cpu_kernels.h"

namespace m2tts {

bool Fusable(const torch::nn::Module& module, const torch::Tensor& x) {
  return !module.is_training() && x.is_cpu() && x.scalar_type() == torch::kFloat32 &&
         !torch::GradMode::is_enabled() && !CurrentAutocast(x.device()).enabled;
}

torch::Tensor FusedDepthwiseConv(const torch::Tensor& x, const torch::Tensor& weight,
                                 const torch::Tensor& bias) {
  const auto in = x.contiguous(), by = weight.flatten(1).t().contiguous(), add = bias.contiguous();
  auto out = torch::empty_like(in);
  const int64_t time = in.size(1), channels = in.size(2), kernel = by.size(0);
  for (int64_t b = 0; b < in.size(0); ++b) {
    const float* const from = in.data_ptr<float>() + b * time * channels;
    float* const to = out.data_ptr<float>() + b * time * channels;
    at::parallel_for(0, time, kRowsPerThread, [&](int64_t begin, int64_t end) {
      DepthwiseTimeConv(from, by.data_ptr<float>(), add.data_ptr<float>(), to, {begin, end, time}, channels,
                        kernel);
    });
  }
  return out;
}

torch::Tensor FusedLocalAttention(const torch::Tensor& qkv, const torch::Tensor& bias,
                                  const torch::Tensor& hidden) {
  const auto in = qkv.contiguous(), by_distance = bias.contiguous();
  const auto hidden_keys = hidden.defined() ? hidden.contiguous() : hidden;
  const int64_t time = in.size(1), channels = in.size(2) / 3, heads = bias.size(0);
  auto out = torch::empty({in.size(0), time, channels}, in.options());
  for (int64_t b = 0; b < in.size(0); ++b) {
    const float* const from = in.data_ptr<float>() + b * time * 3 * channels;
    const float* const hides = hidden.defined() ? hidden_keys.data_ptr<float>() + b * time : nullptr;
    float* const to = out.data_ptr<float>() + b * time * channels;
    at::parallel_for(0, time, kRowsPerThread, [&](int64_t begin, int64_t end) {
      LocalAttention(from, by_distance.data_ptr<float>(), hides, to, {begin, end, time}, heads,
                     channels / heads, bias.size(1) / 2);
    });
  }
  return out;
}

}  // namespace m2tts
