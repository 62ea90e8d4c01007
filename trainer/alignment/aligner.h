// Learns which frame belongs to which phoneme from pairs of text and audio alone.
//
// A small network predicts from each phoneme and its neighbours a Gaussian over mel frames,
// as the states of a hidden Markov model with neural parameters (Mehta et al. 2022, "Neural
// HMMs are all you need"; the Gaussian is that of Glow-TTS, Kim et al. 2020). Training
// maximizes the likelihood summed over all monotonic alignments ("forward sum", Badlani et
// al. 2021, "One TTS Alignment To Rule Them All", whose diagonal prior it also uses).
//
// Why a likelihood of frames and not their attention over phonemes: normalized over
// phonemes, one distinctive phoneme may take a whole sentence at no cost; a Gaussian that
// takes foreign frames pays for it.
#pragma once

#include <torch/torch.h>

#include "core/model/layers.h"

namespace m2tts {

class AlignerImpl : public torch::nn::Module {
 public:
  AlignerImpl(int64_t n_mels, int64_t hidden);

  // ids: int64 [B, T]; text_mask: [B, T, 1]; mel: [B, F, n_mels] standardized ->
  // log-likelihood of each frame under each phoneme, [B, F, T]; very low for padding.
  torch::Tensor forward(const torch::Tensor& ids, const torch::Tensor& text_mask, const torch::Tensor& mel);

 private:
  torch::nn::Embedding phonemes_{nullptr};
  TimeConv in_{nullptr};
  torch::nn::LayerNorm norm_{nullptr};
  torch::nn::Linear out_{nullptr};  // means, then log-variances
};
TORCH_MODULE(Aligner);

// ln of the beta-binomial prior of Badlani et al. (section 2.3), float32 [F, T]: likely near
// the diagonal; each row sums to 1. `sharpness` > 0 scales its concentration (1 = the paper's).
torch::Tensor AlignmentPrior(int64_t frames, int64_t phonemes, double sharpness);

// Minus the log of the likelihood summed over all monotonic alignments, per frame, mean over
// the batch. scores: [B, F, T], any log-likelihoods. Computed as CTC with every phoneme its own
// label and no blank (Badlani et al., equation 3).
torch::Tensor ForwardSumLoss(const torch::Tensor& scores, const torch::Tensor& text_lengths,
                             const torch::Tensor& mel_lengths);

}  // namespace m2tts
