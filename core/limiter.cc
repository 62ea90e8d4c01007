#include "core/limiter.h"

#include <cmath>

#include "core/audio/pcm16.h"

namespace m2tts {

void ApplyVolume(double volume, std::vector<float>* samples) {
  constexpr float kKnee = 0.9F;
  constexpr float kRoom = 1.0F - kKnee;
  const auto gain = static_cast<float>(volume);
  for (float& sample : *samples) sample *= gain;
  if (Peak(samples->data(), samples->size()) <= kKnee) return;  // as nearly all speech
  for (float& sample : *samples) {
    const float magnitude = std::abs(sample);
    if (magnitude > kKnee)
      sample = std::copysign(kKnee + kRoom * std::tanh((magnitude - kKnee) / kRoom), sample);
  }
}

}  // namespace m2tts
