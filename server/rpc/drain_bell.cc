#include "server/rpc/drain_bell.h"

#include <algorithm>

namespace m2tts {

void DrainBell::Add(const std::shared_ptr<Listener>& listener) {
  {
    MutexLock lock(&mutex_);
    if (!rung_) {
      if (listeners_.size() == listeners_.capacity()) {
        const auto gone = [](const std::weak_ptr<Listener>& one) { return one.expired(); };
        listeners_.erase(std::remove_if(listeners_.begin(), listeners_.end(), gone), listeners_.end());
      }
      listeners_.push_back(listener);
      return;
    }
  }
  (*listener)();
}

void DrainBell::Ring() {
  std::vector<std::weak_ptr<Listener>> listeners;
  {
    MutexLock lock(&mutex_);
    rung_ = true;
    listeners.swap(listeners_);
  }
  for (const auto& one : listeners) {
    if (const auto listener = one.lock()) (*listener)();
  }
}

}  // namespace m2tts
