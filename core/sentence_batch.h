// From sentences of the text front end to the tensors of the model.
#pragma once

#include <vector>

#include "core/model/text_encoder.h"
#include "core/text/sentence.h"

namespace m2tts {

// Pads with kPad; `speakers` has one index per sentence. Tensors on the CPU.
PhonemeBatch MakePhonemeBatch(const std::vector<const Sentence*>& sentences,
                              const std::vector<int>& speakers);
// Mixtures speak: `weights` has one row per sentence, the shares of all speakers of the voice.
PhonemeBatch MakeMixedBatch(const std::vector<const Sentence*>& sentences,
                            const std::vector<std::vector<double>>& weights);

// "hello world", spelled in phonemes by hand: what devices are checked and warmed up with.
const Sentence& GoldenSentence();
// "the quick brown fox jumps over the lazy dog", likewise: what loudness is measured on.
const Sentence& LoudnessSentence();

}  // namespace m2tts
