#include "server/ops/signals.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>

namespace m2tts {
namespace {

// A handler may only call async-signal-safe functions and sees only globals: it writes a
// byte into this pipe, where WaitFor finds it.
constexpr char kStopByte = 's';
constexpr char kReloadByte = 'r';
int g_pipe[2] = {-1, -1};

void OnSignal(int signal) {
  const int saved_errno = errno;
  const char byte = signal == SIGHUP ? kReloadByte : kStopByte;
  [[maybe_unused]] const ssize_t written = write(g_pipe[1], &byte, 1);
  errno = saved_errno;
}

}  // namespace

Status Signals::Install() {
  if (pipe(g_pipe) != 0) return Internal("pipe: {}", std::strerror(errno));
  for (const int end : g_pipe) {
    fcntl(end, F_SETFD, FD_CLOEXEC);
    fcntl(end, F_SETFL, O_NONBLOCK);
  }
  struct sigaction action = {};
  action.sa_handler = OnSignal;
  action.sa_flags = SA_RESTART;
  sigaction(SIGTERM, &action, nullptr);
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGHUP, &action, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  return OkStatus();
}

Signal Signals::WaitFor(std::chrono::milliseconds timeout) {
  pollfd entry = {g_pipe[0], POLLIN, 0};
  int ready = 0;
  do {
    ready = poll(&entry, 1, static_cast<int>(timeout.count()));
  } while (ready < 0 && errno == EINTR && timeout.count() < 0);
  char byte = 0;
  if (ready <= 0 || read(g_pipe[0], &byte, 1) != 1) return Signal::kNone;
  return byte == kReloadByte ? Signal::kReload : Signal::kStop;
}

}  // namespace m2tts
