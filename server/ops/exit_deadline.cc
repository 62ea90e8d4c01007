#include "server/ops/exit_deadline.h"

#include <utility>

namespace m2tts {

ExitDeadline::ExitDeadline(std::chrono::milliseconds time, std::function<void()> late)
    : late_(std::move(late)) {
  thread_ = std::thread([this, deadline = std::chrono::steady_clock::now() + time] { Watch(deadline); });
}

ExitDeadline::~ExitDeadline() {
  {
    MutexLock lock(&mutex_);
    ended_ = true;
  }
  changed_.NotifyAll();
  thread_.join();
}

void ExitDeadline::Watch(std::chrono::steady_clock::time_point deadline) {
  {
    MutexLock lock(&mutex_);
    while (!ended_) {
      if (!changed_.WaitUntil(&mutex_, deadline)) break;
    }
    if (ended_) return;
  }
  late_();
}

}  // namespace m2tts
