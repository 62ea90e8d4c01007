#include "trainer/alignment/aligner.h"

#include <cmath>

#include "core/text/phoneme.h"

namespace m2tts {
namespace {

constexpr double kTemperature = 0.02;
constexpr double kMasked = -1e9;
// Log-score of the CTC blank: never taken, so that every frame belongs to a phoneme and CTC
// is the plain forward sum over monotonic alignments.
constexpr double kBlankScore = -1e4;

}  // namespace

AlignerImpl::AlignerImpl(int64_t n_mels, int64_t hidden) {
  phonemes_ = register_module("phonemes", torch::nn::Embedding(kPhonemeCount, hidden));
  text_in_ = register_module("text_in", TimeConv(hidden, hidden, 3));
  text_out_ = register_module("text_out", TimeConv(hidden, hidden, 1));
  mel_in_ = register_module("mel_in", TimeConv(n_mels, hidden, 3));
  mel_hidden_ = register_module("mel_hidden", TimeConv(hidden, hidden, 3));
  mel_out_ = register_module("mel_out", TimeConv(hidden, hidden, 1));
}

torch::Tensor AlignerImpl::forward(const torch::Tensor& ids, const torch::Tensor& text_mask,
                                   const torch::Tensor& mel, const torch::Tensor& mel_mask) {
  const auto key = text_out_(torch::relu(text_in_(phonemes_(ids) * text_mask)));                  // [B, T, H]
  const auto frames = torch::relu(mel_hidden_(torch::relu(mel_in_(mel * mel_mask)) * mel_mask));  // [B, F, H]
  const auto query = mel_out_(frames);
  const auto distance = query.square().sum(2, true) - 2.0 * torch::matmul(query, key.transpose(1, 2)) +
                        key.square().sum(2).unsqueeze(1);
  return -kTemperature * distance + (1.0 - text_mask.transpose(1, 2)) * kMasked;
}

torch::Tensor AlignmentPrior(int64_t frames, int64_t phonemes, double width) {
  // Beta-binomial with n = T - 1 trials, alpha = w (f + 1), beta = w (F - f).
  const auto options = torch::TensorOptions().dtype(torch::kFloat64);
  const auto f = torch::arange(frames, options).unsqueeze(1);
  const auto t = torch::arange(phonemes, options).unsqueeze(0);
  const double n = static_cast<double>(phonemes - 1);
  const auto alpha = width * (f + 1.0);
  const auto beta = width * (static_cast<double>(frames) - f);
  const auto lbeta = [](const torch::Tensor& a, const torch::Tensor& b) {
    return torch::lgamma(a) + torch::lgamma(b) - torch::lgamma(a + b);
  };
  const auto choose = std::lgamma(n + 1.0) - torch::lgamma(t + 1.0) - torch::lgamma(n - t + 1.0);
  return (choose + lbeta(t + alpha, n - t + beta) - lbeta(alpha, beta)).to(torch::kFloat32);
}

torch::Tensor ForwardSumLoss(const torch::Tensor& scores, const torch::Tensor& text_lengths,
                             const torch::Tensor& mel_lengths) {
  const auto with_blank = torch::constant_pad_nd(scores, {1, 0}, kBlankScore);
  const auto log_probabilities = torch::log_softmax(with_blank, 2).transpose(0, 1);  // [F, B, T + 1]
  const auto labels = torch::arange(1, scores.size(2) + 1, text_lengths.options())
                          .unsqueeze(0)
                          .expand({scores.size(0), scores.size(2)})
                          .contiguous();
  const auto loss =
      torch::ctc_loss(log_probabilities, labels, mel_lengths, text_lengths, 0, at::Reduction::None, true);
  return (loss / mel_lengths.to(torch::kFloat32)).mean();
}

}  // namespace m2tts
