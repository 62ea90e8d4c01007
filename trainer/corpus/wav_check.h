// Tells a whole WAV file from a truncated, silent or empty one.
#pragma once

#include <filesystem>

#include "core/base/status.h"

namespace m2tts {

// Length in seconds of the WAV file at `path`. DATA_LOSS when it is damaged, shorter than its
// header says, under 50 ms or pure silence; NOT_FOUND when it is missing.
StatusOr<double> WavSeconds(const std::filesystem::path& path);

}  // namespace m2tts
