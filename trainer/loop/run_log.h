// What a run tells: a JSON line per event in RUN/log.jsonl, the same figures for TensorBoard in
// RUN/tensorboard/STAGE/, pictures and sounds in RUN/samples/, and a progress line with ETA on a terminal
// (plain lines now and then elsewhere). docs/training.md describes the files.
#pragma once

#include <chrono>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/base/status.h"
#include "trainer/loop/stage.h"
#include "trainer/loop/step_gate.h"
#include "trainer/monitor/event_file.h"

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

  // {"event": "run", facts...}: how this call of `train` was started.
  void Facts(const std::vector<std::pair<std::string, std::string>>& facts);

  // Writes pictures and sounds; a natural recording only when it is not there yet. What cannot be
  // written is a message: it ends no run.
  void Show(const std::string& stage, int64_t step, const Samples& samples);

  // Called every step; prints at most ten times a second on a terminal, each 30 s elsewhere.
  // `machine`: memory and temperature, as far as known.
  void Progress(const std::string& stage, int64_t step, int64_t total, const Metrics& metrics,
                double frames_per_second, double seconds_per_step, const std::string& machine = "");
  // The same of work that is no step, in pieces: `done` of `total`, with the time left.
  void Work(const std::string& what, size_t done, size_t total);
  void Message(const std::string& text);

  // Hears what is told from now on; must outlive the log.
  void set_sink(RunSink* sink) { sink_ = sink; }

 private:
  RunLog(int fd, std::filesystem::path path);
  void Append(const std::string& line);
  // The events of a stage, begun at `step` when there are none yet; null when they cannot be written.
  EventFile* Events(const std::string& stage, int64_t step);
  Status ShowImage(const std::string& stage, int64_t step, const Samples::Image& image);
  Status ShowSound(const std::string& stage, int64_t step, const Samples::Sound& sound);
  // A message the first time.
  void Complain(const Status& status);
  // Whether it is time for a line of progress; the last one always is shown.
  bool DueForLine(bool last);
  void PrintLine(const std::string& text, bool last);
  void EndProgressLine();
  void WritePending();

  const int fd_;
  const std::filesystem::path path_;
  std::string pending_;  // not written yet
  bool complained_ = false;
  std::map<std::string, std::unique_ptr<EventFile>> events_;  // by stage; null after an error
  RunSink* sink_ = nullptr;                                   // may be absent
  const bool terminal_;
  bool line_open_ = false;
  std::chrono::steady_clock::time_point last_print_;
  std::string work_;  // that of Work, begun at ...
  std::chrono::steady_clock::time_point work_began_;
};

// "1 h 02 min", "3 min 20 s", "12 s".
std::string FormatDuration(double seconds);

}  // namespace m2tts
