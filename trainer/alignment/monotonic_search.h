// The best monotonic alignment of phonemes to frames, by dynamic programming (Glow-TTS,
// Kim et al. 2020, algorithm 1): each phoneme gets at least one frame, in order.
#pragma once

#include <torch/torch.h>

#include <vector>

namespace m2tts {

// scores: float32 [F, T] on CPU, the log-likelihood of frame f under phoneme t; F >= T.
// Returns the frames of each phoneme, summing to F.
std::vector<int64_t> MonotonicSearch(const torch::Tensor& scores);

}  // namespace m2tts
