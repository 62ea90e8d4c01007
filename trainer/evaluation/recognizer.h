// An external speech recognizer, run as a command: the judge of intelligibility.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "core/base/status.h"

namespace m2tts {

struct RecognizerOptions {
  // Split at spaces (no shell, no quoting); {wav} is replaced by a 16 kHz mono 16-bit WAV file.
  // The command prints the words it understood; several lines are joined.
  std::string command = "pocketsphinx_continuous -infile {wav}";
  int jobs = 2;                       // commands at once; each uses a core
  std::chrono::seconds timeout{600};  // of one command; long, since training may hold the cores

  Status Validate() const;
};

constexpr int kRecognizerRate = 16000;  // Hz

// Writes mono samples in [-1, 1] of `sample_rate` as a file that a recognizer reads.
Status WriteRecognizerWav(const std::vector<float>& samples, int sample_rate,
                          const std::filesystem::path& path);

// What the recognizer understands in each file, in their order. NOT_FOUND when the command is
// missing; INTERNAL when it fails on a file, or prints nothing for any of them (one empty answer
// among others is what the recognizer understood). `progress` (may be null) gets the number of
// files done, from one thread at a time.
StatusOr<std::vector<std::string>> Recognize(const std::vector<std::filesystem::path>& wavs,
                                             const RecognizerOptions& options,
                                             const std::function<void(size_t)>& progress = nullptr);

}  // namespace m2tts
