// Adversarial training of the acoustic model against over-smoothing: a discriminator of mel patches, and what
// the model has to gain from it.
#pragma once

#include "trainer/data/batch.h"
#include "trainer/loop/optimizer.h"
#include "trainer/loop/stage.h"
#include "trainer/loss/mel_discriminator.h"

namespace m2tts {

// Part of the acoustic stage; one thread at a time. Discriminator and model learn from the same forward
// pass, each from the other as it was before the step.
class AcousticAdversary {
 public:
  AcousticAdversary(const TrainConfig& config, const torch::Device& device);

  // Whether the discriminator trains at a step, and whether the model listens to it.
  bool Active(int64_t step) const;
  bool Listening(int64_t step) const;

  // predicted, target: [B, F, n_mels] standardized, of the clips `items`, which are `share` of the step. Adds
  // the gradients of the discriminator, and values to `metrics`. Returns the model's loss (times share), to
  // be added to its others; undefined while it does not listen.
  torch::Tensor Judge(int64_t step, const std::vector<int>& items, const torch::Tensor& predicted,
                      const torch::Tensor& target, const torch::Tensor& lengths, double share,
                      Metrics* metrics);

  Optimizer* optimizer() { return &optimizer_; }
  double learning_rate() const { return loss_.discriminator_learning_rate; }

 private:
  const AcousticLossConfig loss_;
  const uint64_t seed_;
  MelDiscriminator discriminator_;
  Optimizer optimizer_;
};

}  // namespace m2tts
