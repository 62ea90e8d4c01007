// Padded tensors of a batch of utterances.
#pragma once

#include <torch/torch.h>

#include <vector>

#include "core/model/text_encoder.h"
#include "trainer/data/corpus.h"

namespace m2tts {

struct AcousticBatch {
  PhonemeBatch phonemes;      // [B, T]
  torch::Tensor mel;          // float32 [B, F, n_mels], natural log, zero beyond a length
  torch::Tensor mel_lengths;  // int64 [B]
  torch::Tensor durations;    // int64 [B, T]; undefined when the corpus is not aligned
  torch::Tensor pitch;        // float32 [B, T]: mean ln F0 of each phoneme, standardized; likewise
  torch::Tensor frame_pitch;  // float32 [B, F]: ln F0 of each frame, standardized; likewise
  torch::Tensor energy;       // float32 [B, T]: mean log-energy of each phoneme, standardized; likewise

  AcousticBatch To(const torch::Device& device) const;
};

// Batches are padded to multiples of these. A GPU's libraries choose and prepare kernels for each shape that
// they have not seen, which takes longer than a step: there, few shapes are better than little padding.
struct BatchGrid {
  int64_t frames = 1, phonemes = 1;

  static BatchGrid Of(const torch::Device& device) {
    return device.is_cpu() ? BatchGrid() : BatchGrid{32, 16};
  }
};

// Tensors on the CPU. Errors are those of reading features.
StatusOr<AcousticBatch> MakeAcousticBatch(const Corpus& corpus, const std::vector<int>& items,
                                          const BatchGrid& grid = {});

// Mean of `per_frame` [F] over the frames of each phoneme.
std::vector<float> PhonemeMeans(const torch::Tensor& per_frame, const std::vector<int64_t>& durations);

}  // namespace m2tts
