#include "core/audio/stft.h"

#include <cmath>

#include "core/audio/dft_matrix.h"

namespace m2tts {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::Variable;
using torch::autograd::variable_list;

bool HasRealFft(const torch::Tensor& tensor) {
  return tensor.is_cpu() || tensor.is_cuda();
}

torch::Tensor CentredWindow(const torch::Tensor& window, int64_t n_fft) {
  const int64_t missing = n_fft - window.size(0);
  if (missing == 0) return window;
  TORCH_CHECK(missing > 0, "window of ", window.size(0), " samples is longer than n_fft = ", n_fft);
  return torch::constant_pad_nd(window, {missing / 2, missing - missing / 2});
}

// [B, T, n_fft] -> [B, n_fft + (T - 1) * hop]. A frame is cut into blocks of one hop, and the
// k-th blocks of all frames make one shifted addition: much faster than fold.
torch::Tensor SumShifted(const torch::Tensor& frames, int64_t hop) {
  const int64_t batch = frames.size(0), count = frames.size(1), n_fft = frames.size(2);
  const int64_t blocks = (n_fft + hop - 1) / hop;
  auto padded = n_fft == blocks * hop ? frames : torch::constant_pad_nd(frames, {0, blocks * hop - n_fft});
  padded = padded.reshape({batch, count, blocks, hop});
  auto sum = torch::zeros({batch, count + blocks - 1, hop}, frames.options());
  for (int64_t k = 0; k < blocks; ++k) sum.narrow(1, k, count).add_(padded.select(2, k));
  return sum.reshape({batch, -1}).narrow(1, 0, n_fft + (count - 1) * hop);
}

// Overlap-add; its adjoint is framing.
struct OverlapAddFunction : torch::autograd::Function<OverlapAddFunction> {
  static Variable forward(AutogradContext* ctx, const Variable& frames, int64_t hop) {
    ctx->saved_data["n_fft"] = frames.size(2);
    ctx->saved_data["hop"] = hop;
    return SumShifted(frames, hop);
  }
  static variable_list backward(AutogradContext* ctx, variable_list grads) {
    return {grads[0].unfold(1, ctx->saved_data["n_fft"].toInt(), ctx->saved_data["hop"].toInt()), Variable()};
  }
};

// Framing times the window; its adjoint is the window, then overlap-add (unfold's own is slow).
struct FrameFunction : torch::autograd::Function<FrameFunction> {
  static Variable forward(AutogradContext* ctx, const Variable& wave, const Variable& window, int64_t hop) {
    ctx->save_for_backward({window});
    ctx->saved_data["hop"] = hop;
    ctx->saved_data["length"] = wave.size(1);
    return wave.unfold(1, window.size(0), hop) * window;
  }
  static variable_list backward(AutogradContext* ctx, variable_list grads) {
    const auto window = ctx->get_saved_variables()[0];
    const auto sum = OverlapAdd(grads[0] * window, ctx->saved_data["hop"].toInt());
    const int64_t uncovered = ctx->saved_data["length"].toInt() - sum.size(1);
    return {torch::constant_pad_nd(sum, {0, uncovered}), Variable(), Variable()};
  }
};

// Real FFT whose gradient is a real inverse FFT; LibTorch's own runs a full complex one.
struct RealFftFunction : torch::autograd::Function<RealFftFunction> {
  static Variable forward(AutogradContext* ctx, const Variable& frames) {
    ctx->saved_data["n_fft"] = frames.size(-1);
    return torch::fft_rfft(frames);
  }
  static variable_list backward(AutogradContext* ctx, variable_list grads) {
    const int64_t n = ctx->saved_data["n_fft"].toInt();
    // The inverse counts interior bins twice, the adjoint once; and it divides by n.
    auto weight = torch::full({n / 2 + 1}, 0.5 * static_cast<double>(n), torch::real(grads[0]).options());
    weight[0] = static_cast<double>(n);
    weight[n / 2] = static_cast<double>(n);
    return {torch::fft_irfft(grads[0] * weight, n)};
  }
};

// wave [B, N] -> windowed frames [B, T, n_fft].
torch::Tensor CentredFrames(const torch::Tensor& wave, int64_t n_fft, int64_t hop,
                            const torch::Tensor& window) {
  TORCH_CHECK(wave.dim() == 2, "wave must be [B, N]");
  TORCH_CHECK(wave.size(1) > n_fft / 2, "a wave of ", wave.size(1),
              " samples is too short for n_fft = ", n_fft);
  const auto padded = torch::reflection_pad1d(wave, {n_fft / 2, n_fft / 2});
  return FrameFunction::apply(padded, CentredWindow(window, n_fft), hop);
}

}  // namespace

torch::Tensor HannWindow(int64_t length, torch::TensorOptions options) {
  // In float64 on CPU whatever the target: exact, and MPS has no float64.
  const auto n = torch::arange(length, torch::TensorOptions(torch::kFloat64));
  const auto window = 0.5 - 0.5 * torch::cos(n * (2.0 * M_PI / static_cast<double>(length)));
  return window.to(torch::typeMetaToScalarType(options.dtype())).to(options.device());
}

torch::Tensor StftMagnitude(const torch::Tensor& wave, int64_t n_fft, int64_t hop,
                            const torch::Tensor& window, double eps) {
  const auto frames = CentredFrames(wave, n_fft, hop, window);
  torch::Tensor magnitude;
  if (HasRealFft(frames)) {
    magnitude = RealFftFunction::apply(frames).abs();
    if (eps > 0.0) magnitude = (magnitude.square() + eps).sqrt();
  } else {
    const auto parts = DftByMatrix(frames).chunk(2, 2);
    const auto power = parts[0].square() + parts[1].square();
    // The clamp keeps the gradient of sqrt finite at zero.
    magnitude = (eps > 0.0 ? power + eps : power.clamp_min(1e-20)).sqrt();
  }
  return magnitude.transpose(1, 2);
}

Spectrum Stft(const torch::Tensor& wave, int64_t n_fft, int64_t hop, const torch::Tensor& window) {
  const auto frames = CentredFrames(wave, n_fft, hop, window);
  if (HasRealFft(frames)) {
    const auto spectrum = RealFftFunction::apply(frames).transpose(1, 2);
    return {torch::real(spectrum), torch::imag(spectrum)};
  }
  const auto parts = DftByMatrix(frames).transpose(1, 2).chunk(2, 1);
  return {parts[0], parts[1]};
}

torch::Tensor InverseFrames(const Spectrum& spectrum, int64_t n_fft, const torch::Tensor& window) {
  const auto real = spectrum.real.transpose(1, 2), imag = spectrum.imag.transpose(1, 2);
  const auto frames = HasRealFft(real) ? torch::fft_irfft(torch::complex(real, imag), n_fft)
                                       : InverseDftByMatrix(torch::cat({real, imag}, 2), n_fft);
  return frames * CentredWindow(window, n_fft);
}

torch::Tensor OverlapAdd(const torch::Tensor& frames, int64_t hop) {
  return OverlapAddFunction::apply(frames, hop);
}

torch::Tensor InverseStft(const Spectrum& spectrum, int64_t n_fft, int64_t hop, const torch::Tensor& window,
                          int64_t length) {
  const int64_t count = spectrum.real.size(2);
  if (length == 0) length = (count - 1) * hop;
  const auto sum = OverlapAdd(InverseFrames(spectrum, n_fft, window), hop);
  const auto square = CentredWindow(window, n_fft).square().expand({1, count, n_fft});
  const auto envelope = OverlapAdd(square, hop).narrow(1, n_fft / 2, length);
  // No window covers a sample whose envelope vanishes: it stays near zero rather than dividing by it.
  return sum.narrow(1, n_fft / 2, length) / envelope.clamp_min(1e-8);
}

}  // namespace m2tts
