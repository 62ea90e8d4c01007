// Lower precision for the operators that bear it (LibTorch's autocast): matrix products and
// convolutions in bfloat16 or float16, sums and norms in float32. The one file that knows the
// versions of that interface.
#pragma once

#include <torch/torch.h>

#include <string>

#include "core/base/status.h"

namespace m2tts {

enum class Precision { kFp32, kBf16, kFp16 };

// "fp32", "bf16", "fp16"; INVALID_ARGUMENT for other words.
StatusOr<Precision> ParsePrecision(const std::string& name);

// FAILED_PRECONDITION, with the reason, when this LibTorch cannot compute so on the device. bf16 on a
// CPU is correct on all and fast on those that have it (AMX, AVX-512 BF16).
Status CheckPrecision(Precision precision, const torch::Device& device);

// What is in force for a kind of device on the calling thread.
struct AutocastMode {
  bool enabled = false;
  at::ScalarType dtype = at::kFloat;
};
AutocastMode CurrentAutocast(const torch::Device& device);

// Puts a mode in force on the calling thread, and the one before it back at its end. Casts of weights
// are not kept: a forward pass uses each once.
class Autocast {
 public:
  Autocast(const torch::Device& device, const AutocastMode& mode);
  Autocast(const torch::Device& device, Precision precision);
  ~Autocast();
  Autocast(const Autocast&) = delete;
  Autocast& operator=(const Autocast&) = delete;

 private:
  const torch::Device device_;
  const AutocastMode before_;
  const bool cached_before_;
};

}  // namespace m2tts
