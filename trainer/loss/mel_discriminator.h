// Tells predicted mels from recorded ones by what patches of them look like: the averages that L1 prefers are
// smooth, and recordings are not.
#pragma once

#include <torch/torch.h>

#include <vector>

#include "trainer/loss/discriminator.h"

namespace m2tts {

// Convolutions over frames and bands that end in a map of scores (PatchGAN, Isola et al. 2017, section
// 3.2.2). The losses are those of discriminator.h.
class MelDiscriminatorImpl : public torch::nn::Module {
 public:
  explicit MelDiscriminatorImpl(int64_t channels);
  // mel: [B, F, n_mels], standardized -> one judgement; scores [B, 1, F, bands].
  std::vector<Judgement> forward(const torch::Tensor& mel);

 private:
  torch::nn::ModuleList convs_{nullptr};
  torch::nn::Conv2d out_{nullptr};
};
TORCH_MODULE(MelDiscriminator);

// One stretch of `frames` of each clip, [B, frames, n_mels]: mel [B, F, n_mels] from starts[b] on, zero where
// the clip (lengths[b] frames) is over.
torch::Tensor CutPatches(const torch::Tensor& mel, const std::vector<int64_t>& starts,
                         const std::vector<int64_t>& lengths, int64_t frames);

}  // namespace m2tts
