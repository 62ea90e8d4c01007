// Learns which frame belongs to which phoneme from pairs of text and audio alone: the
// alignment network of "One TTS Alignment To Rule Them All" (Badlani et al. 2021).
#pragma once

#include <torch/torch.h>

#include "core/model/layers.h"

namespace m2tts {

class AlignerImpl : public torch::nn::Module {
 public:
  AlignerImpl(int64_t n_mels, int64_t hidden);

  // ids: int64 [B, T]; mel: [B, F, n_mels] standardized -> unnormalized log-scores
  // [B, F, T]: the negative squared distance of frame and phoneme embeddings.
  torch::Tensor forward(const torch::Tensor& ids, const torch::Tensor& text_mask, const torch::Tensor& mel,
                        const torch::Tensor& mel_mask);

 private:
  torch::nn::Embedding phonemes_{nullptr};
  TimeConv text_in_{nullptr}, text_out_{nullptr};
  TimeConv mel_in_{nullptr}, mel_hidden_{nullptr}, mel_out_{nullptr};
};
TORCH_MODULE(Aligner);

// ln of the beta-binomial prior of Badlani et al. (section 2.3), float32 [F, T]: near the
// diagonal likely, away from it not; `width` >= 0 scales how sharp (1 = the paper's).
torch::Tensor AlignmentPrior(int64_t frames, int64_t phonemes, double width);

// The forward-sum loss: minus the log-probability of all monotonic alignments, per frame.
// scores: [B, F, T] as the network gives them, plus a prior if wanted; the softmax is in here.
// Computed as CTC with every phoneme its own label (Badlani et al., equation 3).
torch::Tensor ForwardSumLoss(const torch::Tensor& scores, const torch::Tensor& text_lengths,
                             const torch::Tensor& mel_lengths);

}  // namespace m2tts
