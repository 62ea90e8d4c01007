// Aligns recordings to what a trained voice says for the same text, by dynamic time warping.
//
// For a speaker with minutes of speech, who is too little to learn an alignment from: the voice
// knows how long each phoneme lasts and how it sounds, and the recording only stretches that. Mels are
// compared after standardization, each by its own speaker's mean, so that another voice will do; an
// adapted voice does better in a second pass.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "core/base/status.h"
#include "core/model/m2tts_model.h"
#include "core/text/sentence.h"

namespace m2tts {

// Any thread, several at a time.
class VoiceAligner {
 public:
  // From a run or a voice. Speaks as `speaker` where the voice has that name, else as its first speaker.
  static StatusOr<std::unique_ptr<VoiceAligner>> Load(const std::filesystem::path& source,
                                                      const std::string& speaker);

  // mel: float32 [F, n_mels], standardized by its own speaker's statistics; F >= phonemes.
  // Returns the frames of each phoneme, at least one each, summing to F.
  StatusOr<std::vector<int64_t>> Align(const Sentence& sentence, const torch::Tensor& mel) const;

 private:
  VoiceAligner(AcousticModel model, int speaker) : model_(std::move(model)), speaker_(speaker) {}

  mutable AcousticModel model_;  // in eval mode: computing changes nothing in it
  const int speaker_;
};

// `starts`: where each phoneme starts, in order, within [0, frames]. Moves them as little as it takes
// to leave every phoneme a frame, and returns durations. Exposed for tests.
std::vector<int64_t> DurationsFromStarts(std::vector<int64_t> starts, int64_t frames);

}  // namespace m2tts
