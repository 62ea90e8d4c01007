#include "core/model/attention.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "core/model/fused_ops.h"

namespace m2tts {
namespace {

// Not -inf: a row without any valid key must stay finite.
constexpr double kMasked = -1e9;

// Queries per block of local attention: each block sees itself and `reach` on both sides.
constexpr int64_t kBlock = 16;

// Queries at a time of full attention.
constexpr int64_t kRows = 512;

}  // namespace

SelfAttentionImpl::SelfAttentionImpl(int64_t channels, int64_t heads, int64_t reach)
    : heads_(heads), reach_(reach) {
  qkv_ = register_module("qkv", Linear(channels, 3 * channels));
  out_ = register_module("out", Linear(channels, channels));
  const int64_t farthest = reach < 0 ? kFarthest : reach;
  bias_ = register_parameter("bias", torch::zeros({heads, 2 * farthest + 1}));
}

torch::Tensor SelfAttentionImpl::forward(const torch::Tensor& x, const torch::Tensor& mask) {
  return out_(Gather(x, mask));
}

torch::Tensor SelfAttentionImpl::AddTo(const torch::Tensor& sum, const torch::Tensor& x,
                                       const torch::Tensor& mask) {
  return out_->AddTo(sum, Gather(x, mask));
}

torch::Tensor SelfAttentionImpl::Gather(const torch::Tensor& x, const torch::Tensor& mask) {
  const int64_t batch = x.size(0), time = x.size(1), channels = x.size(2);
  const auto qkv = qkv_(x);
  if (reach_ >= 0 && Fusable(*this, x)) {
    return FusedLocalAttention(qkv, bias_, mask.defined() ? (1.0 - mask) * kMasked : mask);
  }
  const int64_t width = channels / heads_;
  const auto heads = qkv.view({batch, time, 3, heads_, width}).permute({2, 0, 3, 1, 4});
  const auto q = heads[0] * (1.0 / std::sqrt(static_cast<double>(width)));
  const auto mixed = reach_ < 0 ? Full(q, heads[1], heads[2], mask) : Local(q, heads[1], heads[2], mask);
  return mixed.permute({0, 2, 1, 3}).reshape({batch, time, channels});
}

torch::Tensor SelfAttentionImpl::Full(const torch::Tensor& q, const torch::Tensor& k, const torch::Tensor& v,
                                      const torch::Tensor& mask) {
  const int64_t time = q.size(2);
  const auto steps = torch::arange(time, torch::TensorOptions().dtype(torch::kInt64).device(q.device()));
  const auto attend = [&](int64_t from, int64_t count) {
    const auto places = steps.narrow(0, from, count).unsqueeze(1);
    const auto distance = (steps.unsqueeze(0) - places).clamp(-kFarthest, kFarthest) + kFarthest;
    const auto bias = bias_.index_select(1, distance.flatten()).view({1, heads_, count, time});
    auto scores = torch::matmul(q.narrow(2, from, count), k.transpose(2, 3)) + bias;
    if (mask.defined()) scores = scores + (1.0 - mask).view({mask.size(0), 1, 1, time}) * kMasked;
    return torch::matmul(torch::softmax(scores, -1), v);
  };
  // A gradient needs all scores anyway. Without one, a few rows at a time: memory grows with the length of a
  // sentence and not with its square.
  if (time <= kRows || torch::GradMode::is_enabled()) return attend(0, time);
  std::vector<torch::Tensor> rows;
  for (int64_t from = 0; from < time; from += kRows)
    rows.push_back(attend(from, std::min(kRows, time - from)));
  return torch::cat(rows, 2);
}

torch::Tensor SelfAttentionImpl::Local(const torch::Tensor& q, const torch::Tensor& k, const torch::Tensor& v,
                                       const torch::Tensor& mask) {
  const int64_t batch = q.size(0), time = q.size(2), width = q.size(3);
  const int64_t blocks = (time + kBlock - 1) / kBlock;
  const int64_t tail = blocks * kBlock - time;
  const int64_t span = kBlock + 2 * reach_;
  // [B, H, blocks, span, width]: the keys that a block may see, overlapping views.
  const auto windows = [&](const torch::Tensor& t) {
    return torch::constant_pad_nd(t, {0, 0, reach_, reach_ + tail}).unfold(2, span, kBlock).transpose(3, 4);
  };
  const auto queries =
      torch::constant_pad_nd(q, {0, 0, 0, tail}).view({batch, heads_, blocks, kBlock, width});

  // Query i of a block stands at key i + reach of its span: key j is at distance j - i - reach.
  const auto index = torch::TensorOptions().dtype(torch::kInt64).device(q.device());
  const auto distance = torch::arange(span, index).unsqueeze(0) - torch::arange(kBlock, index).unsqueeze(1);
  const auto outside = ((distance < 0) | (distance > 2 * reach_)).to(q.dtype()) * kMasked;
  const auto bias =
      bias_.index_select(1, distance.clamp(0, 2 * reach_).flatten()).view({1, heads_, 1, kBlock, span});

  // What lies beyond the ends is hidden too.
  const auto seen = mask.defined() ? mask.squeeze(2) : torch::ones({batch, time}, q.options());
  const auto valid = torch::constant_pad_nd(seen, {reach_, reach_ + tail}).unfold(1, span, kBlock);
  const auto hidden_keys = (1.0 - valid).view({batch, 1, blocks, 1, span}) * kMasked;

  const auto scores = torch::matmul(queries, windows(k).transpose(3, 4)) + (bias + outside) + hidden_keys;
  const auto mixed = torch::matmul(torch::softmax(scores, -1), windows(v));
  return mixed.reshape({batch, heads_, blocks * kBlock, width}).narrow(2, 0, time);
}

}  // namespace m2tts
