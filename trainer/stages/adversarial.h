// What the stages with discriminators have in common.
#pragma once

#include <string>

#include "trainer/config/train_config.h"
#include "trainer/loop/stage.h"

namespace m2tts {

// How the discriminators of a stage learn: all of them, at a rate of their own, without averages.
inline StageConfig DiscriminatorConfig(StageConfig stage, double learning_rate) {
  stage.learning_rate = learning_rate;
  stage.ema_decay = 0.0;
  stage.trainable.clear();
  return stage;
}

// Adds `value` to the metric of this name, which becomes the last one if it is new.
inline void AddTo(Metrics* sums, const std::string& name, double value) {
  for (auto& [known, sum] : *sums) {
    if (known != name) continue;
    sum += value;
    return;
  }
  sums->emplace_back(name, value);
}

}  // namespace m2tts
