// Runs another program and waits for it: speech synthesizers and recognizers.
//
// By posix_spawn, with an argument list and no shell, so no text can become a command; never
// fork, which is unsafe once LibTorch's threads are up.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "core/base/status.h"

namespace m2tts {

struct ProcessOptions {
  std::chrono::milliseconds timeout = std::chrono::minutes(10);  // then it is killed
  size_t max_output_bytes = size_t{16} << 20;                    // of each stream; the rest is dropped
};

struct ProcessResult {
  int exit_code = 0;  // meaningless when `signal` is set
  int signal = 0;     // that ended it, 0 = none
  std::string out;
  std::string err;

  bool ok() const { return signal == 0 && exit_code == 0; }
  // "exit code 255: SIOD ERROR: ..." : how it ended and the last line it complained with.
  std::string Describe() const;
};

// `argv[0]` is looked up in $PATH; input is /dev/null. NOT_FOUND when the program is missing,
// DEADLINE_EXCEEDED after the timeout. A program that fails is not an error here: see
// ProcessResult::ok(). Any thread, any number at once.
StatusOr<ProcessResult> RunProcess(const std::vector<std::string>& argv, const ProcessOptions& options = {});

// A fresh private folder under the system's folder of temporary files, removed with its content.
class ScratchFolder {
 public:
  static StatusOr<ScratchFolder> Create();
  ~ScratchFolder();
  ScratchFolder(ScratchFolder&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  ScratchFolder& operator=(ScratchFolder&&) = delete;

  const std::filesystem::path& path() const { return path_; }

 private:
  explicit ScratchFolder(std::filesystem::path path) : path_(std::move(path)) {}
  std::filesystem::path path_;
};

}  // namespace m2tts
