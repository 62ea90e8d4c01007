// Alignment that is not learned from the corpus itself: by a trained voice, or from label files.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/status.h"
#include "trainer/data/corpus.h"

namespace m2tts {

struct SourceAlignment {
  int64_t aligned = 0;               // utterances
  std::vector<std::string> misfits;  // a line for each whose labels tell of other words; it has no durations
};

// Sets the durations of every utterance whose source says align_by. With "labels", an error names the label
// file, and its line where it has one; a recording without labels is NOT_FOUND. FAILED_PRECONDITION when
// the labels of more than a tenth of a source do not fit: then the fault is not a clip's. Clips are aligned
// by several threads; one at a time calls `progress`, an error of which ends it.
StatusOr<SourceAlignment> AlignSources(const TrainConfig& config, Corpus* corpus,
                                       const LoadProgress& progress);

// Whether every recording of such a source has a label file, before anything is learned. NOT_FOUND names the
// first few that have none.
Status CheckLabelFiles(const TrainConfig& config, const Corpus& corpus);

// Durations, in frames, of one utterance from its label file.
StatusOr<std::vector<int64_t>> AlignByLabels(const Utterance& utterance, const std::filesystem::path& labels,
                                             const AudioConfig& audio);

}  // namespace m2tts
