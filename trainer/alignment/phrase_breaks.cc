#include "trainer/alignment/phrase_breaks.h"

namespace m2tts {

PhraseBreakCount MarkPhraseBreaks(const AudioConfig& audio, Corpus* corpus) {
  constexpr double kLeastPause = 0.05;  // seconds
  PhraseBreakCount count;
  for (Utterance& utterance : corpus->utterances) {
    std::vector<Phoneme>& phonemes = utterance.sentence.phonemes;
    for (size_t i = 0; i < utterance.durations.size(); ++i) {
      if (phonemes[i].id != kWordBoundary) continue;
      ++count.boundaries;
      if (static_cast<double>(utterance.durations[i]) < kLeastPause * audio.frames_per_second()) continue;
      phonemes[i].id = kShortPause;
      ++count.pauses;
    }
  }
  return count;
}

}  // namespace m2tts
