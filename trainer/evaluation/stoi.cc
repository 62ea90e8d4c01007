#include "trainer/evaluation/stoi.h"

#include <torch/torch.h>

#include <algorithm>
#include <cmath>

#include "core/audio/codec.h"

namespace m2tts {
namespace {

constexpr int kRate = 10000;
constexpr int64_t kFrame = 256;  // Hann, half overlap
constexpr int64_t kFft = 512;
constexpr int64_t kBands = 15;
constexpr double kLowestHz = 150.0;   // centre of the first band
constexpr int64_t kSegment = 30;      // frames, 384 ms
constexpr double kRangeDb = 40.0;     // frames further below the loudest are silence
constexpr double kClippingDb = 15.0;  // lower bound of the signal-to-distortion ratio

torch::Tensor Window() {
  // Hann without its zero ends, as in the authors' code.
  return torch::hann_window(kFrame + 2, torch::TensorOptions().dtype(torch::kFloat64)).narrow(0, 1, kFrame);
}

torch::Tensor Frames(const torch::Tensor& wave) {
  return wave.unfold(0, kFrame, kFrame / 2) * Window();
}

// Third-octave bands as sums over FFT bins, [bands, bins].
torch::Tensor BandMatrix() {
  auto matrix = torch::zeros({kBands, kFft / 2 + 1}, torch::kFloat64);
  for (int64_t b = 0; b < kBands; ++b) {
    const double centre = kLowestHz * std::pow(2.0, static_cast<double>(b) / 3.0);
    const auto bin = [](double hz) { return static_cast<int64_t>(std::llround(hz / kRate * kFft)); };
    const int64_t low = bin(centre * std::pow(2.0, -1.0 / 6.0)),
                  high = bin(centre * std::pow(2.0, 1.0 / 6.0));
    matrix[b].narrow(0, low, std::max<int64_t>(1, high - low)).fill_(1.0);
  }
  return matrix;
}

// [bands, frames] of a wave put together from the frames that are kept.
torch::Tensor Envelopes(const torch::Tensor& frames) {
  const int64_t count = frames.size(0), hop = kFrame / 2;
  auto wave = torch::zeros({(count - 1) * hop + kFrame}, torch::kFloat64);
  for (int64_t t = 0; t < count; ++t) wave.narrow(0, t * hop, kFrame).add_(frames[t]);
  const auto spectrum = torch::fft_rfft(Frames(wave), kFft, 1);
  return torch::matmul(BandMatrix(), spectrum.abs().square().t()).sqrt();
}

StatusOr<torch::Tensor> AtTenKilohertz(const std::vector<float>& wave, int sample_rate) {
  M2TTS_ASSIGN_OR_RETURN(const std::vector<float> samples, ToMono({sample_rate, 1, wave}, kRate));
  return torch::tensor(samples).to(torch::kFloat64);
}

}  // namespace

StatusOr<double> Stoi(const std::vector<float>& clean, const std::vector<float>& processed, int sample_rate) {
  torch::NoGradGuard no_grad;
  M2TTS_ASSIGN_OR_RETURN(auto x, AtTenKilohertz(clean, sample_rate));
  M2TTS_ASSIGN_OR_RETURN(auto y, AtTenKilohertz(processed, sample_rate));
  const int64_t length = std::min(x.size(0), y.size(0));
  const auto too_short = InvalidArgument("STOI needs 384 ms of speech");
  if (length < kFrame) return too_short;
  const auto x_frames = Frames(x.narrow(0, 0, length)), y_frames = Frames(y.narrow(0, 0, length));
  const auto level = 20.0 * torch::log10(x_frames.norm(2, 1) + 1e-12);
  const auto kept = (level > level.max() - kRangeDb).nonzero().squeeze(1);
  if (kept.size(0) < kSegment) return too_short;
  const auto clean_bands = Envelopes(x_frames.index_select(0, kept)).unfold(1, kSegment, 1);
  const auto bands = Envelopes(y_frames.index_select(0, kept)).unfold(1, kSegment, 1);
  if (clean_bands.size(1) == 0) return too_short;
  // [bands, segments, 30]: equal energy, clipped, then correlated.
  const auto scale = clean_bands.norm(2, 2, true) / (bands.norm(2, 2, true) + 1e-12);
  const auto clipped =
      torch::minimum(bands * scale, clean_bands * (1.0 + std::pow(10.0, kClippingDb / 20.0)));
  const auto a = clean_bands - clean_bands.mean(2, true), b = clipped - clipped.mean(2, true);
  return ((a * b).sum(2) / (a.norm(2, 2) * b.norm(2, 2) + 1e-12)).mean().item<double>();
}

}  // namespace m2tts
