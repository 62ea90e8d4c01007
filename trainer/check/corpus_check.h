// Checks a corpus before days are spent on it: everything that is wrong in one go, by file and line.
#pragma once

#include <filesystem>

#include "trainer/check/check_report.h"
#include "trainer/check/clip_scan.h"

namespace m2tts {

// What is still right.
struct CheckOptions {
  int jobs = 0;                         // threads; 0: one per core
  double min_seconds = 0.3;             // AudioMeasure::kept; DataConfig::min_seconds
  double max_seconds = 14.0;            // AudioMeasure::kept; DataConfig::max_seconds
  double short_seconds = 1.0;           // of the whole clip
  double max_full_scale_share = 1e-4;   // of the samples; a clip brought to full scale has one or two
  double max_offset = 0.01;             // -40 dBFS
  double max_silent_end = 1.0;          // seconds
  double max_pause = 1.0;               // seconds
  double min_phonemes_per_second = 4;   // of speaking but half a second
  double max_phonemes_per_second = 30;  // of speaking; aligning needs a frame for each
  double wrong_time_ratio = 2.0;        // to the time that the speaker usually takes, see SpeakingTime
  // Smaller differences of time and level are worth a note when the clip is an outlier among those of its
  // speaker and the difference is one that can be heard.
  double max_outlier_score = 3.5;     // see OutlierScore
  double max_time_ratio = 1.3;        // to the time that the speaker usually takes
  double max_time_difference = 0.5;   // seconds, to the same; counts for wrong_time_ratio too
  double max_level_difference = 6.0;  // dB, to the speaker's median
};

// Reads all clips in one of the layouts of trainer/data/dataset.h and measures them. What is wrong with a
// clip is a finding, never an error. NOT_FOUND without a corpus, INVALID_ARGUMENT for one without rows.
StatusOr<CheckReport> CheckCorpus(const std::filesystem::path& root, const TextFrontend& frontend,
                                  const CheckOptions& options, const CheckProgress& progress);

}  // namespace m2tts
