// Short-time Fourier transform and its inverse, without complex tensors in the interface
// (complex FFT is missing or young on MPS).
//
// All functions are differentiable (once and twice), take float32 or float64, are thread-safe,
// and need an even n_fft. `window` has the dtype and device of the signal; one shorter than
// n_fft (as multi-resolution losses use) is centred in the frame and padded with zeros. On CPU
// and CUDA a real FFT does the work, elsewhere a real matrix product (core/audio/dft_matrix.h).
#pragma once

#include <torch/torch.h>

namespace m2tts {

// Periodic Hann window: w[n] = 0.5 - 0.5 cos(2 pi n / length). [length].
torch::Tensor HannWindow(int64_t length, torch::TensorOptions options);

// Magnitude |STFT| of wave [B, N], centred with reflect padding (N > n_fft/2):
// [B, n_fft/2 + 1, 1 + N / hop]. The magnitude is sqrt(re^2 + im^2 + eps); the gradient at
// an exact zero is zero, also with eps = 0.
torch::Tensor StftMagnitude(const torch::Tensor& wave, int64_t n_fft, int64_t hop,
                            const torch::Tensor& window, double eps = 0.0);

// Real and imaginary parts, each [B, n_fft/2 + 1, T].
struct Spectrum {
  torch::Tensor real;
  torch::Tensor imag;
};
Spectrum Stft(const torch::Tensor& wave, int64_t n_fft, int64_t hop, const torch::Tensor& window);

// Inverse of Stft with squared-window normalization (least squares; Griffin & Lim 1984,
// eq. 6). real, imag: [B, n_fft/2 + 1, T] -> wave [B, length], from the centre of the first
// frame on. `length` is (T - 1) * hop when 0, and at most (T - 1) * hop + n_fft/2.
torch::Tensor InverseStft(const Spectrum& spectrum, int64_t n_fft, int64_t hop, const torch::Tensor& window,
                          int64_t length = 0);

// The inverse real DFT of every frame, times the window: -> [B, T, n_fft], ready for overlap-add.
torch::Tensor InverseFrames(const Spectrum& spectrum, int64_t n_fft, const torch::Tensor& window);

// Sums frames [B, T, n_fft] at steps of hop: [B, n_fft + (T - 1) * hop].
torch::Tensor OverlapAdd(const torch::Tensor& frames, int64_t hop);

}  // namespace m2tts
