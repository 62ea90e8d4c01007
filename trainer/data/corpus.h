// A corpus ready for training: clips with phonemes and features, split, with statistics.
#pragma once

#include <torch/torch.h>

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "core/base/status.h"
#include "core/text/sentence.h"
#include "trainer/config/train_config.h"
#include "trainer/data/dataset.h"
#include "trainer/data/features.h"

namespace m2tts {

struct Utterance {
  std::string id;
  std::string text;
  Sentence sentence;  // the whole clip as one sentence
  ClipFeatures features;
  std::vector<int64_t> durations;  // frames per phoneme; empty until aligned
};

struct CorpusStatistics {
  torch::Tensor mel_mean;       // float32 [n_mels]
  torch::Tensor mel_deviation;  // float32 [n_mels]
  double pitch_mean = 5.0;      // of ln F0
  double pitch_deviation = 0.25;
};

struct Corpus {
  std::vector<Utterance> utterances;
  std::vector<int> training;  // indices
  std::vector<int> validation;
  CorpusStatistics statistics;  // over the training part
  int left_out = 0;             // clips outside the length limits or with too little sound for their text
};

// Frames of each training utterance, in the order of `training`.
std::vector<int64_t> TrainingFrames(const Corpus& corpus);

// done, total
using LoadProgress = std::function<void(size_t, size_t)>;

// Reads, phonemizes and computes (or maps) the features of the corpus in parallel. Memory
// holds phonemes only; features are mapped from the cache.
StatusOr<Corpus> LoadCorpus(const TrainConfig& config, const std::filesystem::path& lexicon,
                            const LoadProgress& progress);

}  // namespace m2tts
