#include "trainer/cli/terminal_progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>

#include "trainer/loop/run_log.h"

namespace m2tts {
namespace {

constexpr auto kInterval = std::chrono::milliseconds(100);
constexpr size_t kWidth = 24;

}  // namespace

TerminalProgress::TerminalProgress() : terminal_(isatty(STDERR_FILENO) == 1) {}

void TerminalProgress::Show(const std::string& stage, size_t done, size_t total) {
  if (!terminal_) return;
  const auto now = Clock::now();
  if (stage != stage_) {
    stage_ = stage;
    started_ = now;
  } else if (done < total && now - shown_ < kInterval) {
    return;
  }
  shown_ = now;
  if (done >= total) {
    fmt::print(stderr, "\r\033[K");
  } else {
    const double seconds = std::chrono::duration<double>(now - started_).count();
    const size_t full = done * kWidth / total;
    const std::string eta = done > 1 ? "  ETA " + FormatDuration(seconds / static_cast<double>(done) *
                                                                 static_cast<double>(total - done))
                                     : "";
    fmt::print(stderr, "\r\033[K{} [{:#<{}}{:.<{}}] {}/{}{}", stage, "", full, "", kWidth - full, done, total,
               eta);
  }
  std::fflush(stderr);
}

}  // namespace m2tts
