// The averaged weights of a stage, from a run's checkpoints or from a voice.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/audio/audio_config.h"
#include "core/base/status.h"
#include "core/model/m2tts_model.h"
#include "core/voice/safetensors.h"

namespace m2tts {

struct StageWeights {
  TensorMap weights;                  // named as in a voice
  std::vector<std::string> speakers;  // whom the rows of a speaker embedding belong to
  ModelConfig model;
  AudioConfig audio;
  std::string config;                 // YAML of the run; empty from a voice
  int64_t steps = 0;                  // likewise 0
  std::vector<std::string> messages;  // a line for each damaged checkpoint that was passed over
};

// From RUN/STAGE: the newest good checkpoint, or the best. NOT_FOUND when there is none, DATA_LOSS when all
// are damaged, or the best is.
StatusOr<StageWeights> LoadStageWeights(const std::filesystem::path& run, const std::string& stage,
                                        bool best);

// From a voice folder, or the newest checkpoint of a run.
StatusOr<StageWeights> LoadWeightsOf(const std::filesystem::path& source, const std::string& stage);

// The acoustic model that weights of the stage "acoustic" make, ready to speak on the CPU. `source`, where
// they come from, begins every error.
StatusOr<AcousticModel> MakeAcousticModel(const StageWeights& acoustic, const std::filesystem::path& source);

// From a run or a voice folder, what stage `stage` can start from; nothing when that has no such
// stage (a voice keeps no aligner). Rows of the speaker embedding are put in the order of
// `speakers`; a speaker that is not in the source gets the mean of those that are, and a message.
StatusOr<StageWeights> LoadInitialWeights(const std::filesystem::path& source, const std::string& stage,
                                          const std::vector<std::string>& speakers);

}  // namespace m2tts
