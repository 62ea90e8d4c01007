// Pauses between words that the text does not tell of, found where the clips are aligned.
#pragma once

#include <cstdint>

#include "core/audio/audio_config.h"
#include "trainer/data/corpus.h"

namespace m2tts {

struct PhraseBreakCount {
  int64_t boundaries = 0;  // between words, without punctuation
  int64_t pauses = 0;      // of these
};

// Word boundaries that last 50 ms or more become short pauses, in all clips that have durations: what the
// voice's front end will do where phrases end. Without it the model learns when to pause from the phonemes
// around, which tell little.
PhraseBreakCount MarkPhraseBreaks(const AudioConfig& audio, Corpus* corpus);

}  // namespace m2tts
