#include "trainer/worker/background.h"

#include <sys/resource.h>
#include <sys/time.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <thread>

#ifdef __linux__
#include <sched.h>
#include <sys/syscall.h>
#endif

namespace m2tts {
namespace {

#ifdef __linux__
void LowerPriority() {
  const sched_param parameter = {};
  ::sched_setscheduler(0, SCHED_IDLE, &parameter);
  constexpr int kIoprioWhoProcess = 1, kIoprioClassIdle = 3, kIoprioClassShift = 13;  // linux/ioprio.h
  ::syscall(SYS_ioprio_set, kIoprioWhoProcess, 0, kIoprioClassIdle << kIoprioClassShift);
}
#else
void LowerPriority() {
#ifdef PRIO_DARWIN_BG
  ::setpriority(PRIO_DARWIN_PROCESS, 0, PRIO_DARWIN_BG);
#else
  ::setpriority(PRIO_PROCESS, 0, 19);
#endif
}
#endif

void WatchParent() {
  const pid_t parent = ::getppid();
  std::thread([parent] {
    while (::getppid() == parent) std::this_thread::sleep_for(std::chrono::seconds(1));
    ::kill(::getpid(), SIGTERM);
  }).detach();
}

}  // namespace

Status EnterBackground(const BackgroundOptions& options) {
  LowerPriority();
  const rlimit no_core = {0, 0};
  ::setrlimit(RLIMIT_CORE, &no_core);
  if (options.memory_limit_mb > 0) {
    const auto bytes = static_cast<rlim_t>(options.memory_limit_mb) << 20;
    const rlimit limit = {bytes, bytes};
    if (::setrlimit(RLIMIT_DATA, &limit) != 0) {
      return InvalidArgument("memory limit of {} MB: {}", options.memory_limit_mb, std::strerror(errno));
    }
  }
  if (options.end_with_parent) WatchParent();
  return OkStatus();
}

}  // namespace m2tts
