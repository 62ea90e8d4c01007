#include "server/ops/open_files.h"

#include <spdlog/spdlog.h>
#include <sys/resource.h>

#include <algorithm>

namespace m2tts {

void RaiseOpenFileLimit() {
  constexpr rlim_t kEnough = 65'536;
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  const rlim_t wanted = std::min(limit.rlim_max, kEnough);
  if (limit.rlim_cur >= wanted) return;
  const rlim_t before = limit.rlim_cur;
  limit.rlim_cur = wanted;
  if (setrlimit(RLIMIT_NOFILE, &limit) != 0) {
    spdlog::warn("the limit of open files stays at {}: connections beyond it are not accepted", before);
  }
}

}  // namespace m2tts
