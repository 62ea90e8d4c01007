// Keeps a module from learning for a while.
#pragma once

#include <torch/torch.h>

#include <vector>

namespace m2tts {

// While it lives, backward passes leave the module's parameters alone.
class Frozen {
 public:
  explicit Frozen(const torch::nn::Module& module) : parameters_(module.parameters()) { Set(false); }
  ~Frozen() { Set(true); }
  Frozen(const Frozen&) = delete;
  Frozen& operator=(const Frozen&) = delete;

 private:
  void Set(bool learns) {
    for (auto& parameter : parameters_) parameter.requires_grad_(learns);
  }
  std::vector<torch::Tensor> parameters_;
};

}  // namespace m2tts
