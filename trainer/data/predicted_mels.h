// What an acoustic model makes of the corpus, in time with the recordings: the input that a vocoder
// will get in use, for fine-tuning it (as HiFi-GAN does, Kong et al. 2020, section 3.4).
#pragma once

#include <filesystem>
#include <functional>

#include "core/base/status.h"
#include "core/voice/safetensors.h"
#include "trainer/data/corpus.h"

namespace m2tts {

// Runs the acoustic model of `source` (a run or a voice) over every utterance with the durations,
// the pitch and the energy of its recording, and keeps the mels in `file`: float16 [F, n_mels] by utterance
// id, natural log. A file that is there is taken as it is when it has every utterance. The corpus must be
// aligned, and every speaker known to the model. Returns the mapped file.
StatusOr<SafetensorsFile> PredictMels(const std::filesystem::path& source, const Corpus& corpus,
                                      const std::vector<std::string>& speakers,
                                      const std::filesystem::path& file);

}  // namespace m2tts
