// The two halves of the sandbox: sandbox_files_linux.cc and sandbox_calls_linux.cc, or
// sandbox_unsupported.cc.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/base/status.h"

namespace m2tts {

struct FileRules {
  std::vector<std::filesystem::path> read;   // files and folders with all below them
  std::vector<std::filesystem::path> write;  // folders: the same, and changing what is below
};

// Each returns by what the kernel holds the process from now on ("Landlock 7", "seccomp"); UNIMPLEMENTED,
// with a reason, where it cannot.

// From now on only these files can be opened, and what programs read of their system (program_files.h).
StatusOr<std::string> RestrictFiles(const FileRules& rules);

// From now on system calls that no worker needs fail with EPERM.
StatusOr<std::string> RestrictCalls();

}  // namespace m2tts
