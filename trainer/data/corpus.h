// A corpus ready for training: clips with phonemes and features, split, with statistics.
#pragma once

#include <torch/torch.h>

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/base/status.h"
#include "core/model/m2tts_model.h"
#include "core/text/sentence.h"
#include "trainer/config/train_config.h"
#include "trainer/data/dataset.h"
#include "trainer/data/feature_cache.h"

namespace m2tts {

struct Utterance {
  std::string id;   // "SPEAKER/ID" in a run of several speakers
  int speaker = 0;  // index into TrainConfig::speakers
  int source = 0;   // index into DataConfig::sources
  std::string text;
  Sentence sentence;  // the whole clip as one sentence
  std::filesystem::path recording;
  std::string features_key;  // in the cache
  int64_t frames = 0;
  std::vector<int64_t> durations;  // frames per phoneme; empty until aligned, or when it cannot be
};

struct Corpus {
  std::vector<Utterance> utterances;
  // Indices; those of a source with repeat: N stand there N times in a row. At least one of each speaker.
  std::vector<int> training;
  std::vector<int> validation;  // at least one
  SpeechStatistics statistics;  // over the training part
  std::shared_ptr<FeatureCache> cache;
  // The clips that are not used, with the reason, one a line for the log: those outside the length limits or
  // with too little sound for their text. "ID: 14.31 s, data.max_seconds is 14"
  std::vector<std::string> left_out_clips;
  // Clips of speakers that the config does not list, a line for each source that has some.
  std::vector<std::string> passed_over;

  // Mapped from the cache; let go of it soon, so that memory does not grow with the corpus. DATA_LOSS when
  // the index of the cache told another length.
  StatusOr<ClipFeatures> Features(int item) const;
};

// Training and validation go without what has no durations. Returns how many clips that are.
int LeaveOutUnaligned(Corpus* corpus);

inline int64_t RoundUp(int64_t length, int64_t multiple) {
  return (length + multiple - 1) / multiple * multiple;
}

// Frames of each training utterance, in the order of `training`, rounded up to a multiple.
std::vector<int64_t> TrainingFrames(const Corpus& corpus, int64_t multiple = 1);

// Called after each clip of a source, by one thread at a time. An error of it ends LoadCorpus with that
// error, after the clips that are being read.
using LoadProgress = std::function<Status(size_t done, size_t total)>;

// ParallelFor with all threads, and `progress` after each item that went well; an error of it ends the loop,
// too.
Status ParallelForShown(size_t count, const LoadProgress& progress,
                        const std::function<Status(size_t)>& work);

// Reads, phonemizes and computes (or maps) the features of the corpus in parallel. Memory
// holds phonemes only; features are mapped from the cache. Clips that do not fit are left out.
//
// INVALID_ARGUMENT names up to 20 clips that cannot be read, by file and line, or the speakers of the config
// without a clip. What has been computed stays in the cache after an error, too.
StatusOr<Corpus> LoadCorpus(const TrainConfig& config, const std::filesystem::path& lexicon,
                            const LoadProgress& progress);

}  // namespace m2tts
