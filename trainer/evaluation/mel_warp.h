// Two mel spectrograms of the same words, brought in time with each other.
#pragma once

#include <torch/torch.h>

#include "core/base/status.h"
#include "trainer/evaluation/dtw.h"

namespace m2tts {

struct MelWarp {
  WarpingPath path;   // by mel cepstra, c_1 to c_13
  double mcd_db = 0;  // mean mel cepstral distortion over it
};

// Both natural log-mel, [T, n_mels], of any type and device; the lengths may differ, the bands must not.
// Errors are those of DynamicTimeWarp.
StatusOr<MelWarp> WarpMels(const torch::Tensor& reference, const torch::Tensor& system);

}  // namespace m2tts
