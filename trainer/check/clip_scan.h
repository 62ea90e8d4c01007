// Measures every clip of a corpus, over all cores. Memory holds figures, not sound.
#pragma once

#include <functional>
#include <vector>

#include "trainer/check/audio_measure.h"
#include "trainer/check/text_measure.h"
#include "trainer/data/dataset.h"

namespace m2tts {

struct ScannedClip {
  Clip clip;
  StatusOr<AudioMeasure> audio;  // or why the file cannot be read
  StatusOr<TextMeasure> text;    // or why the transcript cannot be read
};

// done, total; called by one thread at a time.
using CheckProgress = std::function<void(size_t, size_t)>;

// In the order of `clips`. jobs >= 1: threads.
std::vector<ScannedClip> ScanClips(std::vector<Clip> clips, const TextFrontend& frontend, int jobs,
                                   const CheckProgress& progress);

}  // namespace m2tts
