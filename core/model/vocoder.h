// Log-mel to waveform: the one interface of all vocoders.
#pragma once

#include <torch/torch.h>

#include <memory>

#include "core/audio/audio_config.h"
#include "core/base/status.h"
#include "core/model/model_config.h"
#include "core/model/packed_stream.h"

namespace m2tts {

class Vocoder : public torch::nn::Module {
 public:
  // log_mel: float32 [B, F, n_mels], natural log -> wave [B, F * hop_length]; frame f speaks
  // samples [f * hop, (f + 1) * hop). Differentiable in the neural ones.
  virtual torch::Tensor forward(const torch::Tensor& log_mel) = 0;

  // Frames that a window needs on each side, so that its inside equals that of the whole
  // sentence; -1 when only the whole sentence will do.
  virtual int64_t context_frames() const = 0;

  // Whether Stream works: parts of streams of log-mel, [n, n_mels] each -> their waves, one hop a row,
  // [m, hop_length], context_frames() frames behind.
  virtual bool streams() const { return false; }
  virtual PackedStep::Rows Stream(PackedStep* /*step*/, const PackedStep::Rows& /*log_mel*/) {
    TORCH_CHECK(false, "this vocoder cannot stream");
  }

  // Gradient checkpointing of the blocks: less memory in training, more time.
  void set_recompute(bool recompute) { recompute_ = recompute; }

  // Multiply-adds times two per frame, for the report of `export`.
  virtual double FlopPerFrame() const = 0;

 protected:
  bool recompute_ = false;
};

// By config.type: istft, hifigan, griffin_lim.
StatusOr<std::shared_ptr<Vocoder>> MakeVocoder(const VocoderConfig& config, const AudioConfig& audio);

// Log-mel brought near zero mean and unit deviation with constants, so that a vocoder
// depends on no corpus.
inline torch::Tensor ScaleLogMel(const torch::Tensor& log_mel) {
  return (log_mel + 5.0) * 0.4;
}

}  // namespace m2tts
