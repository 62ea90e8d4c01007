// What a run tells: a JSON line per event in RUN/log.jsonl, and a progress line with ETA on
// a terminal (plain lines now and then elsewhere).
#pragma once

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>

#include "core/base/status.h"
#include "trainer/loop/stage.h"

namespace m2tts {

// One thread at a time.
class RunLog {
 public:
  // Appends to `folder`/log.jsonl.
  static StatusOr<std::unique_ptr<RunLog>> Open(const std::filesystem::path& folder);
  ~RunLog();
  RunLog(const RunLog&) = delete;
  RunLog& operator=(const RunLog&) = delete;

  // {"event": "step", "stage": ..., "step": ..., metrics...}; also flushes.
  void Event(const std::string& event, const std::string& stage, int64_t step, const Metrics& metrics);

  // Called every step; prints at most ten times a second on a terminal, each 30 s elsewhere.
  void Progress(const std::string& stage, int64_t step, int64_t total, const Metrics& metrics,
                double frames_per_second, double seconds_per_step);
  void Message(const std::string& text);

 private:
  explicit RunLog(std::FILE* file);
  void EndProgressLine();

  std::FILE* const file_;
  const bool terminal_;
  bool line_open_ = false;
  std::chrono::steady_clock::time_point last_print_;
};

// "1 h 02 min", "3 min 20 s", "12 s".
std::string FormatDuration(double seconds);

}  // namespace m2tts
