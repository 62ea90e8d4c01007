#include "trainer/stages/acoustic_adversary.h"

#include <algorithm>

#include "trainer/data/sampler.h"
#include "trainer/stages/adversarial.h"
#include "trainer/stages/frozen.h"
#include "trainer/stages/on_device.h"

namespace m2tts {

AcousticAdversary::AcousticAdversary(const TrainConfig& config, const torch::Device& device)
    : loss_(config.acoustic_loss),
      seed_(config.seed),
      discriminator_(OnDevice(MelDiscriminator(config.acoustic_loss.discriminator_channels), device)),
      optimizer_(discriminator_.ptr(),
                 DiscriminatorConfig(config.acoustic, loss_.discriminator_learning_rate)) {}

bool AcousticAdversary::Active(int64_t step) const {
  return loss_.adversarial_from >= 0 && step >= loss_.adversarial_from;
}

bool AcousticAdversary::Listening(int64_t step) const {
  return Active(step) && step >= loss_.adversarial_from + loss_.discriminator_warmup;
}

torch::Tensor AcousticAdversary::Judge(int64_t step, const std::vector<int>& items,
                                       const torch::Tensor& predicted, const torch::Tensor& target,
                                       const torch::Tensor& lengths, double share, Metrics* metrics) {
  std::vector<int64_t> frames, starts;
  for (size_t b = 0; b < items.size(); ++b) {
    frames.push_back(lengths[static_cast<int64_t>(b)].item<int64_t>());
    const auto room = std::max<int64_t>(0, frames.back() - loss_.patch_frames);
    const double where = HashUniform(seed_ + 3, static_cast<uint64_t>(step), static_cast<uint64_t>(items[b]));
    starts.push_back(static_cast<int64_t>(where * static_cast<double>(room + 1)));
  }
  const auto real = CutPatches(target, starts, frames, loss_.patch_frames).detach();
  const auto fake = CutPatches(predicted, starts, frames, loss_.patch_frames);
  const auto loss = DiscriminatorLoss(discriminator_(real), discriminator_(fake.detach())) * share;
  optimizer_.Backward(loss);
  AddTo(metrics, "discriminator", loss.item<double>());
  if (!Listening(step)) return {};
  const Frozen frozen(*discriminator_);
  const auto judged = discriminator_(fake);
  const auto generator = GeneratorLoss(judged) * share;
  const auto feature = FeatureLoss(discriminator_(real), judged) * share;
  AddTo(metrics, "generator", generator.item<double>());
  AddTo(metrics, "feature", feature.item<double>());
  return loss_.adversarial_weight * generator + loss_.feature_weight * feature;
}

}  // namespace m2tts
