// Where the parts of a sentence stand in its audio: what becomes timestamps. Pure functions.
#pragma once

#include <cstdint>
#include <vector>

#include "core/text/sentence.h"
#include "server/synthesis/audio_pipeline.h"

namespace m2tts {

// Fills in sentence, words and marks of `audio`, whose samples so far are the silence before the sentence.
// `phoneme_samples` are those of the sentence's phonemes; they are whole frames of the model (256 samples),
// and so is the precision of every place. With kNone there are marks only.
void PlaceSentence(const Sentence& sentence, const std::vector<int64_t>& phoneme_samples,
                   TimestampDetail detail, DeviceAudio* audio);

}  // namespace m2tts
