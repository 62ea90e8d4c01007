#include "client/training/job_display.h"

#include <algorithm>

#include "client/terminal.h"
#include "client/training/job_text.h"
#include "client/training/progress_line.h"

namespace m2tts {
namespace {

constexpr double kPlainInterval = 10.0;  // seconds
constexpr size_t kMaxLosses = 1024;

}  // namespace

void JobDisplay::Show(const v1::JobEvent& event) {
  const double time = static_cast<double>(event.time().seconds()) + 1e-9 * event.time().nanos();
  if (event.has_transition()) {
    const v1::JobTransition& transition = event.transition();
    if (transition.to() != v1::JOB_STATE_RUNNING) live_.clear();
    Line(StateLine(transition.to(), v1::PAUSE_REASON_UNSPECIFIED, transition.reason()));
  } else if (event.has_progress()) {
    ShowProgress(event.progress(), time);
  } else {
    Line("  " + Harmless(event.log_line()));
  }
}

void JobDisplay::ShowProgress(const v1::JobProgress& progress, double time) {
  if (progress.stage() != stage_) losses_.clear();
  stage_ = progress.stage();
  if (progress.loss() != 0.0) losses_.push_back(progress.loss());  // 0: unknown
  if (losses_.size() > kMaxLosses) losses_.erase(losses_.begin());
  if (terminal_) {
    // The last column stays free: some terminals wrap as soon as it is written.
    live_ = ProgressLine(progress, losses_, static_cast<size_t>(std::max(1, columns_() - 1)));
    return Draw();
  }
  const bool last = progress.step() == progress.total_steps();
  if (!last && time - last_plain_ < kPlainInterval) return;
  last_plain_ = time;
  Line(ProgressLine(progress, {}, std::string::npos));
}

void JobDisplay::Note(const std::string& line) {
  Line(line);
}

void JobDisplay::Line(const std::string& text) {
  if (terminal_) *out_ << "\r\033[K";
  *out_ << text << "\n";
  Draw();
}

void JobDisplay::Draw() {
  if (terminal_ && !live_.empty()) *out_ << "\r\033[K" << live_;
  out_->flush();
}

void JobDisplay::Finish() {
  if (terminal_ && !live_.empty()) *out_ << "\n";
  live_.clear();
  out_->flush();
}

}  // namespace m2tts
