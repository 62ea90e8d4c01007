// What the stages show of held-out clips: mel spectrograms, alignments, sounds.
#pragma once

#include <torch/torch.h>

#include <string>
#include <vector>

#include "core/audio/audio_config.h"
#include "trainer/data/corpus.h"
#include "trainer/monitor/heat_map.h"

namespace m2tts {

// The clips that are shown at every step: held out, of a length that fits a screen where there are
// such; at most two, of different speakers where there are several. The same for a corpus at any time.
std::vector<int> SampleClips(const Corpus& corpus, const AudioConfig& audio);

// Spectrograms one below the other with one range of colours: the true one's. Each mel: float32
// [F, n_mels], natural log; all of the same length.
Picture DrawMels(const std::vector<std::pair<std::string, torch::Tensor>>& mels, const AudioConfig& audio);

// scores: float32 [F, T], the log-likelihood of each frame under each phoneme. Drawn as the share of
// each phoneme in its frame, with the path of `durations` (frames of each phoneme) over it.
Picture DrawAlignment(const std::string& title, const torch::Tensor& scores,
                      const std::vector<int64_t>& durations, const Sentence& sentence,
                      const AudioConfig& audio);

// The elements in their order; and those of ClipFeatures::audio as samples in [-1, 1].
std::vector<float> FloatVector(const torch::Tensor& tensor);
std::vector<float> RecordedWave(const torch::Tensor& audio);

}  // namespace m2tts
