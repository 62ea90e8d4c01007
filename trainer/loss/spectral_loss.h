// Losses that compare sounds by their spectra.
#pragma once

#include <torch/torch.h>

#include <vector>

namespace m2tts {

// Multi-resolution STFT loss (Parallel WaveGAN, Yamamoto et al. 2020, equations 3 to 6):
// mean over the resolutions and the waves of spectral convergence plus L1 of log-magnitudes. Waves below
// -60 dB of full scale count as if they were that loud. Waves: [B, N], N > 1024. Differentiable in both
// arguments.
torch::Tensor MultiResolutionStftLoss(const torch::Tensor& predicted, const torch::Tensor& target);

// Mean absolute error over valid frames: predicted, target [B, F, C]; mask [B, F, 1].
torch::Tensor MaskedL1(const torch::Tensor& predicted, const torch::Tensor& target,
                       const torch::Tensor& mask);

// From CepstralLoss to dB of mel cepstral distortion: 10/ln 10 sqrt(2).
constexpr double kCepstralDecibels = 6.141851463713754;

// Mean over valid frames of the distance of 13 mel cepstra, which kCepstralDecibels takes to dB of mel
// cepstral distortion (docs/evaluation.md): what a spectrum's envelope is off, harmonics and noise left
// aside. predicted, target: natural log-mel [B, F, n_mels]; mask [B, F, 1].
torch::Tensor CepstralLoss(const torch::Tensor& predicted, const torch::Tensor& target,
                           const torch::Tensor& mask);

// Mean squared error over valid positions: predicted, target [B, T]; mask [B, T, 1].
torch::Tensor MaskedMse(const torch::Tensor& predicted, const torch::Tensor& target,
                        const torch::Tensor& mask);

}  // namespace m2tts
