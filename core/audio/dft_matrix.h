// The real DFT of frames and its inverse as matrix products: for devices without complex FFT.
#pragma once

#include <torch/torch.h>

namespace m2tts {

// Both cache their matrices (about 4 MB for 1024 points in float32) for each size, dtype and
// device until the process ends. Differentiable; any thread.

// frames: [B, T, n] -> real and imaginary parts side by side, [B, T, 2 * (n/2 + 1)].
torch::Tensor DftByMatrix(const torch::Tensor& frames);

// parts: [B, T, 2 * (n/2 + 1)], as DftByMatrix makes them -> frames [B, T, n]. The imaginary
// parts of the first and last bin have no effect, as in any real inverse FFT.
torch::Tensor InverseDftByMatrix(const torch::Tensor& parts, int64_t n);

}  // namespace m2tts
