// A corpus of as many clips as one likes, for measuring: real sentences (trainer/recipes/en_US-slt), and
// recordings of tones, each under several names (hard links) where there are fewer of them. The index, the
// phonemes and the schedule are those of so many clips; the features are those of so many recordings.
#pragma once

#include <filesystem>
#include <vector>

#include "core/base/status.h"
#include "trainer/data/corpus.h"

namespace m2tts {

// A tone that wanders, of 5 to 8 seconds, mono; another one for each number.
std::vector<float> WanderingTone(int number, int sample_rate);

// In the layout of LJ Speech. recordings: at least 1.
Status WriteLargeCorpus(const std::filesystem::path& root, int clips, int recordings, int sample_rate);

// Durations that fill each clip evenly.
void AlignEvenly(Corpus* corpus);

}  // namespace m2tts
