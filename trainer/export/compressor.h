// Stores a voice in fewer bits, and measures what that costs.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/base/status.h"
#include "trainer/evaluation/compare_systems.h"

namespace m2tts {

struct CompressOptions {
  std::filesystem::path voice;
  std::filesystem::path output;  // voice folder to write; its name becomes the voice's
  std::string dtype = "int8";    // fp32, fp16 or int8
  std::filesystem::path lexicon;
  std::string speaker;               // of a voice that has several; empty: the first
  std::vector<EvalItem> recordings;  // to measure both against; empty: only against each other
};

struct CompressedSide {
  std::string dtype;
  int64_t bytes = 0;
  double real_time_factor = 0.0;  // one CPU thread
  std::optional<double> mcd_db;   // against the recordings
};

struct CompressReport {
  CompressedSide before;
  CompressedSide after;
  double mcd_between_db = 0.0;  // what the one says against what the other says
  size_t sentences = 0;
};

// Checks the voice, the speaker and the recordings, then writes the output atomically: the voice with all
// other files of its folder, in place of a voice that was there with all of its files. Loads it again and
// lets both speak the same sentences. INVALID_ARGUMENT when the output is the voice itself, or one lies in
// the other.
StatusOr<CompressReport> CompressVoice(const CompressOptions& options);

std::string FormatCompressTable(const CompressReport& report);
std::string FormatCompressJson(const CompressReport& report);

}  // namespace m2tts
