// A run as one HTML file that needs nothing else: curves, pictures, sounds, config, checkpoints.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "core/base/status.h"

namespace m2tts {

struct RunReportOptions {
  // Pictures and sounds are embedded, newest first, until this is spent; a note counts the others.
  int64_t max_media_bytes = int64_t{24} << 20;
};

struct RunReport {
  std::string html;
  std::vector<std::string> warnings;  // also in the page: damaged lines, files that could not be read
};

// Reads RUN/log.jsonl, RUN/samples/ and the names of the checkpoints. NOT_FOUND when `run` has no
// log. Works while the run is going on.
StatusOr<RunReport> MakeRunReport(const std::filesystem::path& run, const RunReportOptions& options = {});

}  // namespace m2tts
