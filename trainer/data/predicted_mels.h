// What an acoustic model makes of the corpus, in time with the recordings: the input that a vocoder
// will get in use, for fine-tuning it (as HiFi-GAN does, Kong et al. 2020, section 3.4).
#pragma once

#include <torch/torch.h>

#include <filesystem>
#include <map>
#include <string>

#include "core/base/status.h"
#include "trainer/config/train_config.h"
#include "trainer/data/corpus.h"

namespace m2tts {

// By utterance id: float16 [F, n_mels], natural log, each mapped from a file of its own while it is used.
class PredictedMels {
 public:
  PredictedMels() = default;
  explicit PredictedMels(std::filesystem::path folder) : folder_(std::move(folder)) {}
  void Add(const std::string& id, const std::string& file_name) { names_[id] = file_name; }

  bool empty() const { return names_.empty(); }
  bool Has(const std::string& id) const { return names_.count(id) > 0; }
  // Of an id that it has. An error when the file is gone, DATA_LOSS when it is damaged. Any thread.
  StatusOr<torch::Tensor> Read(const std::string& id) const;

 private:
  std::filesystem::path folder_;
  std::map<std::string, std::string> names_;  // of files, by id
};

// Whether the acoustic model of `source` knows the speakers and has the audio settings of the config:
// INVALID_ARGUMENT if not, NOT_FOUND when there is none.
Status CheckPredictor(const std::filesystem::path& source, const TrainConfig& config);

// Runs the acoustic model of `source` (a run or a voice) over every utterance with the durations,
// the pitch and the energy of its recording, and keeps the mels in `folder`, a file for each. Files that are
// there are taken as they are when the model, the durations and the recording are those that they were made
// from; any other file there is deleted. The corpus must be aligned. Errors as CheckPredictor. One of
// `progress`, which is called by one thread at a time, ends it; a later call goes on from there. Memory does
// not grow with the corpus.
StatusOr<PredictedMels> PredictMels(const std::filesystem::path& source, const Corpus& corpus,
                                    const TrainConfig& config, const std::filesystem::path& folder,
                                    const LoadProgress& progress);

}  // namespace m2tts
