#include "client/interrupt.h"

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <utility>

#include "client/exit_codes.h"

namespace m2tts {
namespace {

sigset_t WatchedSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  return signals;
}

}  // namespace

InterruptWatcher::InterruptWatcher() {
  const sigset_t signals = WatchedSignals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  thread_ = std::thread([this] { Watch(); });
}

InterruptWatcher::~InterruptWatcher() {
  {
    MutexLock lock(&mutex_);
    stopping_ = true;
  }
  // Wakes it from sigwait; the signal is blocked.
  pthread_kill(thread_.native_handle(), SIGTERM);  // NOLINT(bugprone-bad-signal-to-kill-thread)
  thread_.join();
}

void InterruptWatcher::SetHandler(std::function<void()> handler) {
  MutexLock lock(&mutex_);
  handler_ = std::move(handler);
  if (interrupted_ && handler_) handler_();
}

void InterruptWatcher::Watch() {
  const sigset_t signals = WatchedSignals();
  while (true) {
    int signal = 0;
    if (sigwait(&signals, &signal) != 0) continue;
    MutexLock lock(&mutex_);
    if (stopping_) return;
    // The person insists, or nothing is in progress that would want to tidy up.
    if (interrupted_ || !handler_) _exit(kExitInterrupted);
    interrupted_ = true;
    handler_();
  }
}

}  // namespace m2tts
