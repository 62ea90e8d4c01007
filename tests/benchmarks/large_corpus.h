// A corpus of as many clips as one likes, for measuring: real sentences (trainer/recipes/en_US-slt), and 48
// recordings of tones under many names (hard links). The index, the phonemes and the schedule are those of so
// many clips, computing the features is not.
#pragma once

#include <filesystem>
#include <vector>

#include "core/base/status.h"
#include "trainer/data/corpus.h"

namespace m2tts {

// Recording `number` of the 48: a tone that wanders, of 5 to 8 seconds, mono.
std::vector<float> WanderingTone(int number, int sample_rate);

// In the layout of LJ Speech.
Status WriteLargeCorpus(const std::filesystem::path& root, int clips, int sample_rate);

// Durations that fill each clip evenly.
void AlignEvenly(Corpus* corpus);

}  // namespace m2tts
