// Chance in how a sentence is read, so that two readings differ as those of a person do.
//
// Durations and pitch move slowly around what the model predicts. The chance comes from the seed
// and the phonemes of the sentence alone: a sentence is read alike wherever it stands in a text,
// on every machine, and its length does not depend on what is spoken beside it.
#pragma once

#include <cstdint>
#include <vector>

#include "core/text/sentence.h"

namespace m2tts {

struct Variation {
  std::vector<double> duration;  // factor per phoneme, around 1
  std::vector<float> pitch;      // added per phoneme, in deviations of the speaker's pitch
};

// `amount`: 0 (none: factors 1 and shifts 0) to 1, where the tempo moves by about 15 % and the pitch by half
// of its usual deviation, one sigma.
Variation MakeVariation(const Sentence& sentence, double amount, uint64_t seed);

}  // namespace m2tts
