// What a voice's vocoder makes of the true mel of a recording: the bound that the vocoder sets to
// the voice.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "core/audio/mel.h"
#include "core/base/status.h"
#include "core/model/m2tts_model.h"

namespace m2tts {

// On the CPU. One thread at a time.
class CopySynthesis {
 public:
  // `vocoder`: empty = the voice's own, or "griffin_lim".
  static StatusOr<std::unique_ptr<CopySynthesis>> Load(const std::filesystem::path& voice,
                                                       const std::string& vocoder);

  // Mono samples at the voice's rate -> whole frames of the same, in time with it.
  StatusOr<std::vector<float>> Speak(const std::vector<float>& recording);

 private:
  CopySynthesis(std::unique_ptr<M2TTSModel> model, const AudioConfig& audio)
      : model_(std::move(model)), mel_(audio), hop_(audio.hop_length) {}

  const std::unique_ptr<M2TTSModel> model_;
  const MelSpectrogram mel_;
  const int64_t hop_;
};

}  // namespace m2tts
