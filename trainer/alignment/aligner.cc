#include "trainer/alignment/aligner.h"

#include <cmath>

#include "core/text/phoneme.h"

namespace m2tts {
namespace {

constexpr double kMasked = -1e9;
// Mel bands are correlated: their likelihoods count as fewer independent ones, or the
// posterior would be certain before anything has been learned.
constexpr double kIndependentShare = 0.2;
constexpr double kMinLogVariance = -3.0;
constexpr double kMaxLogVariance = 2.0;
// Log-score of the CTC blank: never taken.
constexpr double kBlankScore = -1e4;

}  // namespace

AlignerImpl::AlignerImpl(int64_t n_mels, int64_t hidden) {
  phonemes_ = register_module("phonemes", torch::nn::Embedding(kPhonemeCount, hidden));
  in_ = register_module("in", TimeConv(hidden, hidden, 3));
  norm_ = register_module("norm", torch::nn::LayerNorm(torch::nn::LayerNormOptions({hidden})));
  out_ = register_module("out", torch::nn::Linear(hidden, 2 * n_mels));
}

torch::Tensor AlignerImpl::forward(const torch::Tensor& ids, const torch::Tensor& text_mask,
                                   const torch::Tensor& mel) {
  const auto hidden = norm_(torch::relu(in_(phonemes_(ids) * text_mask)));
  const auto parameters = out_(hidden).chunk(2, 2);  // 2 x [B, T, n_mels]
  const auto& mean = parameters[0];
  const auto log_variance = parameters[1].clamp(kMinLogVariance, kMaxLogVariance);
  const auto precision = torch::exp(-log_variance);
  // sum_d (x - m)^2 p + ln v, expanded so that it is two matrix products.
  const auto constant = (mean.square() * precision + log_variance).sum(2).unsqueeze(1);
  const auto distance = torch::matmul(mel.square(), precision.transpose(1, 2)) -
                        2.0 * torch::matmul(mel, (mean * precision).transpose(1, 2)) + constant;
  return -0.5 * kIndependentShare * distance + (1.0 - text_mask.transpose(1, 2)) * kMasked;
}

torch::Tensor AlignmentPrior(int64_t frames, int64_t phonemes, double sharpness) {
  // Beta-binomial with T - 1 trials, alpha = s (f + 1), beta = s (F - f).
  const auto options = torch::TensorOptions().dtype(torch::kFloat64);
  const auto f = torch::arange(frames, options).unsqueeze(1);
  const auto t = torch::arange(phonemes, options).unsqueeze(0);
  const auto trials = static_cast<double>(phonemes - 1);
  const auto alpha = sharpness * (f + 1.0);
  const auto beta = sharpness * (static_cast<double>(frames) - f);
  const auto log_beta = [](const torch::Tensor& a, const torch::Tensor& b) {
    return torch::lgamma(a) + torch::lgamma(b) - torch::lgamma(a + b);
  };
  const auto choose = std::lgamma(trials + 1.0) - torch::lgamma(t + 1.0) - torch::lgamma(trials - t + 1.0);
  return (choose + log_beta(t + alpha, trials - t + beta) - log_beta(alpha, beta)).to(torch::kFloat32);
}

torch::Tensor ForwardSumLoss(const torch::Tensor& scores, const torch::Tensor& text_lengths,
                             const torch::Tensor& mel_lengths) {
  // CTC's gradient is right only for rows that sum to one: normalize, and give back the
  // normalizers, which every alignment shares.
  const auto normalizer = torch::logsumexp(scores, 2);  // [B, F]
  const auto steps = torch::arange(scores.size(1), mel_lengths.options()).unsqueeze(0);
  const auto valid = (steps < mel_lengths.unsqueeze(1)).to(scores.dtype());
  const auto normalized = torch::constant_pad_nd(scores - normalizer.unsqueeze(2), {1, 0}, kBlankScore);
  const auto labels = torch::arange(1, scores.size(2) + 1, text_lengths.options())
                          .unsqueeze(0)
                          .expand({scores.size(0), scores.size(2)})
                          .contiguous();
  const auto alignments = torch::ctc_loss(normalized.transpose(0, 1), labels, mel_lengths, text_lengths, 0,
                                          at::Reduction::None, true);
  return ((alignments - (normalizer * valid).sum(1)) / mel_lengths.to(scores.dtype())).mean();
}

}  // namespace m2tts
