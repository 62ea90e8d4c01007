// Puts a module on its device before anything, like an optimizer, takes hold of its tensors.
#pragma once

#include <torch/torch.h>

namespace m2tts {

// `module`: a holder of TORCH_MODULE, or a shared_ptr.
template <typename Module>
Module OnDevice(Module module, const torch::Device& device) {
  module->to(device);
  return module;
}

}  // namespace m2tts
