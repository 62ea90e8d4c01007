// Clips that say or sound the same.
#pragma once

#include <vector>

#include "trainer/check/clip_scan.h"
#include "trainer/check/finding.h"

namespace m2tts {

struct Duplicate {
  FindingKind kind;  // kSameAudio, kSameAudioOtherText or kSameText
  const Clip* clip;
  const Clip* first;  // the one of the corpus that `clip` repeats
};

// At most one for each clip, in the order of the corpus; the audio counts before the text. Texts are compared
// within a speaker, without regard to letter case, punctuation and blanks. Points into `clips`.
std::vector<Duplicate> FindDuplicates(const std::vector<ScannedClip>& clips);

}  // namespace m2tts
