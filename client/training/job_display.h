// What a person sees while a job runs: on a terminal a line that is drawn anew, with progress bar, loss
// sparkline and ETA, below the lines of its log; elsewhere plain lines, progress now and then.
#pragma once

#include <functional>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "m2tts/v1/training.pb.h"

namespace m2tts {

// One thread at a time. `out` must outlive it.
class JobDisplay {
 public:
  // columns: of the terminal, which may change.
  JobDisplay(std::ostream* out, bool terminal, std::function<int()> columns)
      : out_(out), terminal_(terminal), columns_(std::move(columns)) {}

  void Show(const v1::JobEvent& event);
  // A line that is no event.
  void Note(const std::string& line);
  // Leaves the live line as it stands.
  void Finish();

 private:
  void ShowProgress(const v1::JobProgress& progress, double time);
  void Line(const std::string& text);
  void Draw();

  std::ostream* const out_;
  const bool terminal_;
  const std::function<int()> columns_;
  std::vector<double> losses_;
  std::string stage_;
  std::string live_;         // the line that is drawn anew; empty: none
  double last_plain_ = 0.0;  // time of the last plain line of progress, Unix seconds
};

}  // namespace m2tts
