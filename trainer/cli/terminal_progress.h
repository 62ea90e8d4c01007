// A line with a bar and the time left, for work of many like pieces. On a terminal only.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>

namespace m2tts {

// One thread at a time. The line is erased when a stage is done.
class TerminalProgress {
 public:
  TerminalProgress();
  void Show(const std::string& stage, size_t done, size_t total);

 private:
  using Clock = std::chrono::steady_clock;
  const bool terminal_;
  std::string stage_;
  Clock::time_point started_;
  Clock::time_point shown_;
};

}  // namespace m2tts
