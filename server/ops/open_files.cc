#include "server/ops/open_files.h"

#include <fcntl.h>
#include <spdlog/spdlog.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace m2tts {
namespace {

constexpr rlim_t kEnoughFiles = 1'048'576;
constexpr rlim_t kSpareFiles = 8;

}  // namespace

void RaiseOpenFileLimit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  const rlim_t before = limit.rlim_cur;
  limit.rlim_cur = std::max(before, std::min(limit.rlim_max, kEnoughFiles));
  if (limit.rlim_cur == before) return;
  if (setrlimit(RLIMIT_NOFILE, &limit) != 0) spdlog::warn("the limit of open files stays at {}", before);
}

// The system gives the lowest number that is free: it tells how many there are without counting them.
bool HasOpenFilesLeft() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return true;
  const int file = open("/dev/null", O_RDONLY | O_CLOEXEC);
  if (file < 0) return errno != EMFILE && errno != ENFILE;
  close(file);
  return static_cast<rlim_t>(file) + kSpareFiles < limit.rlim_cur;
}

}  // namespace m2tts
