#include "trainer/loop/run_log.h"

#include <unistd.h>

#include <cerrno>
#include <cmath>
#include <cstring>
#include <nlohmann/json.hpp>

namespace m2tts {
namespace {

constexpr auto kTerminalInterval = std::chrono::milliseconds(100);
constexpr auto kPlainInterval = std::chrono::seconds(30);
constexpr int kBarWidth = 24;

std::string Bar(double share) {
  const int full = static_cast<int>(std::lround(share * kBarWidth));
  return std::string(full, '#') + std::string(kBarWidth - full, '.');
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
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  const auto path = folder / "log.jsonl";
  std::FILE* file = std::fopen(path.c_str(), "a");
  if (file == nullptr) {
    return Errorf(StatusCode::kPermissionDenied, "{}: cannot be written: {}", path.string(),
                  std::strerror(errno));
  }
  return std::unique_ptr<RunLog>(new RunLog(file));
}

RunLog::RunLog(std::FILE* file) : file_(file), terminal_(isatty(STDERR_FILENO) == 1) {}

RunLog::~RunLog() {
  EndProgressLine();
  std::fclose(file_);
}

void RunLog::Event(const std::string& event, const std::string& stage, int64_t step, const Metrics& metrics) {
  nlohmann::ordered_json line = {{"time", UnixSeconds()}, {"event", event}, {"stage", stage}, {"step", step}};
  for (const auto& [name, value] : metrics) line[name] = value;  // NaN becomes null
  fmt::print(file_, "{}\n", line.dump());
  std::fflush(file_);
}

void RunLog::Progress(const std::string& stage, int64_t step, int64_t total, const Metrics& metrics,
                      double frames_per_second, double seconds_per_step) {
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
