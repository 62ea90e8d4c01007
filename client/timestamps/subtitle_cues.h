// A spoken text cut into pieces that fit a screen.
#pragma once

#include <string>
#include <vector>

#include "client/timestamps/timed_speech.h"

namespace m2tts {

struct SubtitleCue {
  double start = 0.0;  // seconds
  double end = 0.0;
  std::string text;  // one line, as written in the source; of SSML, as spoken
};

// A cue never spans sentences, and is cut between words where its text would exceed two lines of 42
// characters (one longer word excepted). Ranges that lie outside the text are taken as empty.
std::vector<SubtitleCue> MakeSubtitleCues(const TimedSpeech& speech);

}  // namespace m2tts
