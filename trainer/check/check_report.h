// All that a check found out about a corpus.
#pragma once

#include <array>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "trainer/check/finding.h"
#include "trainer/check/statistics.h"

namespace m2tts {

// How often something occurs in the transcripts, and one place where it does.
struct Occurrence {
  std::string what;
  int count = 0;
  std::string where;  // file and line
  std::string text;   // the transcript there
};

// Durations of this many seconds and more share the last bar of the histogram.
inline constexpr size_t kHistogramSeconds = 20;

struct SpeakerTotals {
  std::string name;  // empty where the layout names none
  int clips = 0;
  double seconds = 0.0;
  int words = 0;
  Distribution level_dbfs;
  Distribution phonemes_per_second;  // of speaking: without silence at the ends and pauses
};

struct CheckReport {
  std::filesystem::path root;
  int clips = 0;  // rows that could be used
  double seconds = 0.0;
  std::array<std::vector<Finding>, kFindingKinds> findings;  // by kind, in the order of the corpus

  std::map<std::pair<int, int>, int> formats;  // sample rate in Hz and channels -> clips
  Distribution duration;                       // seconds, with silence
  std::vector<int> duration_histogram;         // clips by whole seconds; the last entry holds all longer ones
  Distribution level_dbfs;
  Distribution phonemes_per_second;
  Distribution characters_per_second;
  std::vector<SpeakerTotals> speakers;    // by name
  std::vector<Occurrence> characters;     // unusual ones, most frequent first
  std::vector<Occurrence> guessed_words;  // most frequent first
  int word_count = 0;
  int guessed_count = 0;

  const std::vector<Finding>& of(FindingKind kind) const { return findings[static_cast<size_t>(kind)]; }
  size_t problems() const { return Count(true); }
  size_t notes() const { return Count(false); }

 private:
  size_t Count(bool problem) const;
};

// For people: findings of a kind beyond `show` are counted only. Safe for terminals.
std::string FormatCheckText(const CheckReport& report, size_t show);

// One JSON object with every finding; docs/training.md describes it.
std::string FormatCheckJson(const CheckReport& report);

}  // namespace m2tts
