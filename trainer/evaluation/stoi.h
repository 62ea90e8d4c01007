// Short-time objective intelligibility (Taal, Hendriks, Heusdens and Jensen 2011, "An Algorithm for
// Intelligibility Prediction of Time-Frequency Weighted Noisy Speech"): the mean correlation of
// the envelopes of 15 third-octave bands over 384 ms, at 10 kHz.
#pragma once

#include <vector>

#include "core/base/status.h"

namespace m2tts {

// Both mono at `sample_rate` and aligned in time, as copy-synthesis is; the longer is cut. 0 to 1, 1 for
// equal signals. INVALID_ARGUMENT when less than 384 ms of speech are left without silence.
StatusOr<double> Stoi(const std::vector<float>& clean, const std::vector<float>& processed, int sample_rate);

}  // namespace m2tts
