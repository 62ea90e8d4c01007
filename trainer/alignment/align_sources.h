// Alignment that is not learned from the corpus itself: by a trained voice, or from label files.
#pragma once

#include <cstdint>

#include "core/base/status.h"
#include "trainer/data/corpus.h"

namespace m2tts {

// Sets the durations of every utterance whose source says align_by. Returns how many they are. With "labels",
// an error names the label file, and its line where it has one; a recording without labels is NOT_FOUND.
StatusOr<int64_t> AlignSources(const TrainConfig& config, Corpus* corpus);

// Durations, in frames, of one utterance from its label file.
StatusOr<std::vector<int64_t>> AlignByLabels(const Utterance& utterance, const std::filesystem::path& labels,
                                             const AudioConfig& audio);

}  // namespace m2tts
