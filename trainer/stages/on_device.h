// What a stage needs to know to compute on a device.
#pragma once

#include <torch/torch.h>

#include <algorithm>

#include "core/base/parallel_for.h"

namespace m2tts {

// Threads that make batches while `device` computes. On a CPU they would take its time from the step.
inline int BatchThreads(const torch::Device& device) {
  return device.is_cpu() ? 0 : std::clamp(BusyThreads() / 4, 1, 4);
}

// Puts a module on its device before anything, like an optimizer, takes hold of its tensors.
// `module`: a holder of TORCH_MODULE, or a shared_ptr.
template <typename Module>
Module OnDevice(Module module, const torch::Device& device) {
  module->to(device);
  return module;
}

}  // namespace m2tts
