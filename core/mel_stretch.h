// Mel for a vocoder that cannot stream: the frames that are due, with its context on both sides.
#pragma once

#include <torch/torch.h>

#include <cstdint>

#include "core/model/vocoder.h"

namespace m2tts {

// A value: copies share tensors that are never written again.
class MelStretch {
 public:
  // Takes the mel that follows, [n, n_mels], and returns the audio [m, hop] that has its context now; with
  // `last` all that is left. There must be some: with a context of -1 only the last call will do.
  torch::Tensor Vocode(Vocoder* vocoder, const torch::Tensor& mel, bool last);

 private:
  torch::Tensor mel_;   // frames from begin_
  int64_t begin_ = 0;   // of the sentence
  int64_t spoken_ = 0;  // frames
};

}  // namespace m2tts
