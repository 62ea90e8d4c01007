// What a run tells: a JSON line per event in RUN/log.jsonl, and a progress line with ETA on
// a terminal (plain lines now and then elsewhere). docs/training.md describes the lines.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>

#include "core/base/status.h"
#include "trainer/loop/stage.h"

namespace m2tts {

// One thread at a time.
class RunLog {
 public:
  // Appends to `folder`/log.jsonl, first cutting off half a line that a dying run left at its end.
  // Errors name the file: a folder that cannot be made or written, a full disk.
  static StatusOr<std::unique_ptr<RunLog>> Open(const std::filesystem::path& folder);
  ~RunLog();
  RunLog(const RunLog&) = delete;
  RunLog& operator=(const RunLog&) = delete;

  // {"event": "step", "stage": ..., "step": ..., metrics..., "reason": ...}, without an empty reason.
  // A line that finds no room on the disk is kept and written with the next one that does.
  void Event(const std::string& event, const std::string& stage, int64_t step, const Metrics& metrics,
             const std::string& reason = "");

  // Called every step; prints at most ten times a second on a terminal, each 30 s elsewhere.
  // `machine`: memory and temperature, as far as known.
  void Progress(const std::string& stage, int64_t step, int64_t total, const Metrics& metrics,
                double frames_per_second, double seconds_per_step, const std::string& machine = "");
  void Message(const std::string& text);

 private:
  RunLog(int fd, std::filesystem::path path);
  void EndProgressLine();
  void WritePending();

  const int fd_;
  const std::filesystem::path path_;
  std::string pending_;  // not written yet
  bool complained_ = false;
  const bool terminal_;
  bool line_open_ = false;
  std::chrono::steady_clock::time_point last_print_;
};

// "1 h 02 min", "3 min 20 s", "12 s".
std::string FormatDuration(double seconds);

}  // namespace m2tts
