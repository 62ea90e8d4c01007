// Gain with a soft limiter: what the volume control does to samples.
#pragma once

#include <vector>

namespace m2tts {

// Multiplies samples in [-1, 1] by `volume` (linear, 0 to 4). Above 0.9 of full scale the result bends
// (tanh) instead of clipping, also at volume 1.
void ApplyVolume(double volume, std::vector<float>* samples);

}  // namespace m2tts
