// Means and deviations of a corpus, by which the model standardizes mel, pitch and energy.
#pragma once

#include <filesystem>

#include "core/model/m2tts_model.h"
#include "trainer/data/corpus.h"

namespace m2tts {

// Over the training part. Each speaker has its own mean spectrum; the deviation around the means is
// common to all, so that bands that a low-rate corpus leaves empty do not blow up. A speaker without
// training clips gets mean spectrum and energy of the others.
StatusOr<SpeechStatistics> MeasureStatistics(const Corpus& corpus, int speakers, int n_mels);

// The same, kept in `folder` under a hash of clips and speakers, with a checksum: a damaged file is measured
// anew.
StatusOr<SpeechStatistics> CachedStatistics(const Corpus& corpus, int speakers, int n_mels,
                                            const std::filesystem::path& folder);

}  // namespace m2tts
