// From phonemes to frames: rounding of durations, and repetition (FastSpeech, Ren et al. 2019).
#pragma once

#include <torch/torch.h>

#include <vector>

namespace m2tts {

// Whole frames for real durations (in frames, after speed): at least 1 each, and the
// running sum never off by more than the minimum forces, so that rounding does not change the tempo.
std::vector<int64_t> RoundDurations(const std::vector<double>& durations);

struct Expanded {
  torch::Tensor hidden;  // [B, F, hidden]: the phoneme's state at each of its frames
  torch::Tensor
      position;  // [B, F, 3]: place inside the phoneme (fraction, log frames since start, log to end)
  torch::Tensor lengths;  // int64 [B]: frames
};

// encoded: [B, T, hidden], durations: int64 [B, T], zero beyond a length. F = `frames`, which no sum exceeds;
// 0: the longest sum.
Expanded RegulateLength(const torch::Tensor& encoded, const torch::Tensor& durations, int64_t frames = 0);

// One value per phoneme to one per frame: each holds at the middle of its phoneme, and between two
// middles the values lie on a line; before the first and after the last they stay.
// values: [B, T], durations: int64 [B, T], zero beyond a length -> [B, F], zero beyond a length. F: as above.
torch::Tensor InterpolateValues(const torch::Tensor& values, const torch::Tensor& durations,
                                int64_t frames = 0);

}  // namespace m2tts
