// Adds up what was measured: totals, distributions, and what is usual for each speaker.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "trainer/check/check_report.h"
#include "trainer/check/clip_scan.h"
#include "trainer/check/speaking_time.h"

namespace m2tts {

// Whether the rates below exist: audio and text could be read, and there is sound.
bool HasSpeech(const ScannedClip& clip);
// Of the time spent speaking; only with HasSpeech.
double PhonemesPerSecond(const ScannedClip& clip);
double CharactersPerSecond(const ScannedClip& clip);

struct SpeakerUsual {
  Distribution level_dbfs;
  SpeakingTime time;
  Distribution
      log_ratio;  // natural logarithm of speaking time to that of the line; empty when it is not known
};
// By speaker, from the clips with speech.
std::map<std::string, SpeakerUsual> UsualOfSpeakers(const std::vector<ScannedClip>& clips);

// Fills in everything of the report but its findings.
void Tally(const std::vector<ScannedClip>& clips, CheckReport* report);

}  // namespace m2tts
