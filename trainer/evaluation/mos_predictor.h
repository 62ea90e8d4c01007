// A mean opinion score by a neural predictor that somebody else trained, as a TorchScript file.
#pragma once

#include <filesystem>
#include <memory>
#include <vector>

#include "core/base/status.h"

namespace m2tts {

constexpr int kMosRate = 16000;

// A TorchScript module runs code of its author: load only files that you trust. One thread at a time.
class MosPredictor {
 public:
  // The module takes float32 [1, N] samples in [-1, 1] at 16 kHz and returns a tensor whose mean is the
  // score. INVALID_ARGUMENT names the file when it is no such module.
  static StatusOr<std::unique_ptr<MosPredictor>> Load(const std::filesystem::path& file);
  virtual ~MosPredictor() = default;

  // Mono at `sample_rate`. INTERNAL when the module fails or gives no finite number.
  virtual StatusOr<double> Predict(const std::vector<float>& wave, int sample_rate) = 0;
};

}  // namespace m2tts
