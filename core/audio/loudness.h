// Loudness as ears hear it, by libebur128.
#pragma once

#include <vector>

#include "core/base/status.h"

namespace m2tts {

// Integrated loudness of mono samples in LUFS by ITU-R BS.1770-4: K-weighted, gated in blocks of 400 ms.
// INVALID_ARGUMENT when there is less than one block, or nothing louder than -70 LUFS in it.
StatusOr<double> IntegratedLoudness(const std::vector<float>& samples, int sample_rate);

}  // namespace m2tts
