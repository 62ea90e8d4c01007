// Griffin-Lim behind the vocoder interface: no weights, whole sentences only. The
// fallback, and the tool that separates "bad mel" from "bad vocoder".
#pragma once

#include <cmath>

#include "core/audio/griffin_lim.h"
#include "core/model/vocoder.h"

namespace m2tts {

class GriffinLimVocoder : public Vocoder {
 public:
  explicit GriffinLimVocoder(const AudioConfig& audio) : audio_(audio) {}

  torch::Tensor forward(const torch::Tensor& log_mel) override {
    return GriffinLim(log_mel.transpose(1, 2), audio_, options_);
  }
  int64_t context_frames() const override { return -1; }
  double FlopPerFrame() const override {
    // Two FFTs of 5 N log2 N per iteration.
    return options_.iterations * 2.0 * 5.0 * audio_.n_fft * std::log2(audio_.n_fft);
  }

 private:
  const AudioConfig audio_;
  const GriffinLimOptions options_;
};

}  // namespace m2tts
