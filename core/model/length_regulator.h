// From phonemes to frames: durations that fit into frames, and repetition (FastSpeech, Ren et al. 2019).
//
// Durations are real numbers of frames: a phoneme may end between two frames. A frame belongs to the phoneme
// that sounds at its middle, and is told how far that phoneme's ends are, so that speech does not jump from
// one frame to the next with every rounded end.
#pragma once

#include <torch/torch.h>

#include <vector>

namespace m2tts {

// Durations that can be spoken (in frames, after speed): at least 1 each, half a frame for the last, and a
// whole number in sum. The running sum is never off by more than the minimum forces, so that the tempo stays.
std::vector<double> FitDurations(const std::vector<double>& durations);

// The same in whole frames: how many belong to each phoneme.
std::vector<int64_t> RoundDurations(const std::vector<double>& durations);

struct Expanded {
  torch::Tensor hidden;  // [B, F, hidden]: the phoneme's state at each of its frames
  torch::Tensor
      position;  // [B, F, 3]: place inside the phoneme (fraction, log frames since start, log to end)
  torch::Tensor lengths;  // int64 [B]: frames
};

// encoded: [B, T, hidden], durations: [B, T], whole in sum and zero beyond a length. F = `frames`, which no
// sum exceeds; 0: the longest sum.
Expanded RegulateLength(const torch::Tensor& encoded, const torch::Tensor& durations, int64_t frames = 0);

// One value per phoneme to one per frame: each holds at the middle of its phoneme, and between two
// middles the values lie on a line; before the first and after the last they stay.
// values, durations: [B, T], zero beyond a length -> [B, F], zero beyond a length. F: as above.
torch::Tensor InterpolateValues(const torch::Tensor& values, const torch::Tensor& durations,
                                int64_t frames = 0);

}  // namespace m2tts
