#include "trainer/loop/run_log.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cmath>
#include <nlohmann/json.hpp>

#include "core/base/file.h"

namespace m2tts {
namespace {

constexpr auto kTerminalInterval = std::chrono::milliseconds(100);
constexpr auto kPlainInterval = std::chrono::seconds(30);
constexpr int kBarWidth = 24;

std::string Bar(double share) {
  const int full = static_cast<int>(std::lround(share * kBarWidth));
  return std::string(full, '#') + std::string(kBarWidth - full, '.');
}

// Shortens the file to the end of its last whole line; false with errno when that fails.
bool CutHalfLine(int fd) {
  off_t end = ::lseek(fd, 0, SEEK_END);
  const off_t size = end;
  char last = '\n';
  while (end > 0 && ::pread(fd, &last, 1, end - 1) == 1 && last != '\n') --end;
  return end >= 0 && (end == size || ::ftruncate(fd, end) == 0);
}

double UnixSeconds() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

}  // namespace

std::string FormatDuration(double seconds) {
  const auto total = std::llround(std::max(0.0, seconds));
  if (total >= 3600) return fmt::format("{} h {:02d} min", total / 3600, total % 3600 / 60);
  if (total >= 60) return fmt::format("{} min {:02d} s", total / 60, total % 60);
  return fmt::format("{} s", total);
}

StatusOr<std::unique_ptr<RunLog>> RunLog::Open(const std::filesystem::path& folder) {
  M2TTS_RETURN_IF_ERROR(MakeFolder(folder));
  const auto path = folder / "log.jsonl";
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (fd < 0) return ErrnoStatus(path, "write", errno);
  std::unique_ptr<RunLog> log(new RunLog(fd, path));
  if (!CutHalfLine(fd)) return ErrnoStatus(path, "repair", errno);
  return log;
}

RunLog::RunLog(int fd, std::filesystem::path path)
    : fd_(fd), path_(std::move(path)), terminal_(isatty(STDERR_FILENO) == 1) {}

RunLog::~RunLog() {
  EndProgressLine();
  ::close(fd_);
}

void RunLog::Event(const std::string& event, const std::string& stage, int64_t step, const Metrics& metrics,
                   const std::string& reason) {
  nlohmann::ordered_json line = {{"time", UnixSeconds()}, {"event", event}, {"stage", stage}, {"step", step}};
  for (const auto& [name, value] : metrics) line[name] = value;  // NaN becomes null
  if (!reason.empty()) line["reason"] = reason;
  pending_ += line.dump() + "\n";
  WritePending();
}

void RunLog::WritePending() {
  while (!pending_.empty()) {
    const ssize_t written = ::write(fd_, pending_.data(), pending_.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) {
      const int error = errno;
      if (!std::exchange(complained_, true)) {
        Message(std::string(ErrnoStatus(path_, "write", error).message()) + "; its lines are kept for later");
      }
      return;
    }
    pending_.erase(0, static_cast<size_t>(written));
  }
  complained_ = false;
}

void RunLog::Progress(const std::string& stage, int64_t step, int64_t total, const Metrics& metrics,
                      double frames_per_second, double seconds_per_step, const std::string& machine) {
  const auto now = std::chrono::steady_clock::now();
  const bool last = step == total;
  if (!last &&
      now - last_print_ < (terminal_ ? kTerminalInterval : std::chrono::milliseconds(kPlainInterval)))
    return;
  last_print_ = now;
  std::string text = fmt::format("{} [{}] {}/{}", stage, Bar(static_cast<double>(step) / total), step, total);
  for (const auto& [name, value] : metrics) text += fmt::format("  {} {:.4f}", name, value);
  text += fmt::format("  {:.0f} frames/s  ETA {}", frames_per_second,
                      FormatDuration((total - step) * seconds_per_step));
  if (!machine.empty()) text += "  " + machine;
  fmt::print(stderr, terminal_ ? "\r\033[K{}" : "{}\n", text);
  std::fflush(stderr);
  line_open_ = terminal_;
  if (last) EndProgressLine();
}

void RunLog::Message(const std::string& text) {
  EndProgressLine();
  fmt::print(stderr, "{}\n", text);
}

void RunLog::EndProgressLine() {
  if (line_open_) fmt::print(stderr, "\n");
  line_open_ = false;
}

}  // namespace m2tts
