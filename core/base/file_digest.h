// SHA-256 of a file that somebody else may be writing. It is read, not mapped: a file that is cut while it is
// mapped ends the program.
#pragma once

#include <filesystem>
#include <string>

#include "core/base/status.h"

namespace m2tts {

// As Sha256Hex. Links are not followed, and nothing but a regular file is read.
StatusOr<std::string> Sha256OfFile(const std::filesystem::path& path);

}  // namespace m2tts
