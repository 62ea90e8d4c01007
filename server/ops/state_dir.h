// The folder of the daemon's own files, locked while it runs.
#pragma once

#include <filesystem>
#include <memory>

#include "core/base/status.h"

namespace m2tts {

class StateDir {
 public:
  // Makes the folder if it is missing. FAILED_PRECONDITION when another daemon uses it.
  static StatusOr<std::unique_ptr<StateDir>> Lock(const std::filesystem::path& path);
  // Unlocks; the folder stays.
  ~StateDir();

 private:
  explicit StateDir(int lock_file) : lock_file_(lock_file) {}
  const int lock_file_;
};

}  // namespace m2tts
