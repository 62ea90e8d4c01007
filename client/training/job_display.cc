#include "client/training/job_display.h"

#include "client/training/job_text.h"

namespace m2tts {
namespace {

constexpr double kPlainInterval = 10.0;  // seconds
constexpr int kBarWidth = 20;
constexpr size_t kSparkWidth = 16;
constexpr size_t kMaxLosses = 1024;

// What comes from a log must not steer the terminal.
std::string Harmless(std::string text) {
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
  }
  return text;
}

}  // namespace

void JobDisplay::Show(const v1::JobEvent& event) {
  const double time = static_cast<double>(event.time().seconds()) + 1e-9 * event.time().nanos();
  if (event.has_transition()) {
    const v1::JobTransition& transition = event.transition();
    if (transition.to() != v1::JOB_STATE_RUNNING) live_.clear();
    Line(StateLine(transition.to(), v1::PAUSE_REASON_UNSPECIFIED, Harmless(transition.reason())));
  } else if (event.has_progress()) {
    ShowProgress(event.progress(), time);
  } else {
    Line("  " + Harmless(event.log_line()));
  }
}

void JobDisplay::ShowProgress(const v1::JobProgress& progress, double time) {
  if (progress.stage() != stage_) losses_.clear();
  stage_ = progress.stage();
  losses_.push_back(progress.loss());
  if (losses_.size() > kMaxLosses) losses_.erase(losses_.begin());
  const double share = progress.total_steps() > 0 ? static_cast<double>(progress.step()) /
                                                        static_cast<double>(progress.total_steps())
                                                  : 0.0;
  std::string text = fmt::format("{} {} {}/{}  loss {:.4f}", Harmless(stage_), ProgressBar(share, kBarWidth),
                                 progress.step(), progress.total_steps(), progress.loss());
  if (terminal_) text += " " + Sparkline(losses_, kSparkWidth);
  text += fmt::format("  {:.0f} frames/s  ETA {}", progress.frames_per_second(),
                      DurationText(Seconds(progress.eta())));
  if (progress.has_celsius()) text += fmt::format("  {:.0f} C", progress.celsius());
  if (terminal_) {
    live_ = text;
    return Draw();
  }
  const bool last = progress.step() == progress.total_steps();
  if (!last && time - last_plain_ < kPlainInterval) return;
  last_plain_ = time;
  Line(text);
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
