#include "server/ops/idle_heap.h"

namespace m2tts {

bool IdleHeap::Due(bool busy, std::optional<int64_t> resident, Time now) {
  if (busy) {
    idle_since_.reset();
    return false;
  }
  if (!idle_since_) idle_since_ = now;
  if (!resident || now - *idle_since_ < kIdle) return false;
  if (base_ && *resident <= *base_ + kSpareBytes) return false;
  idle_since_ = now;  // what cannot be given back is not tried at every look
  return true;
}

}  // namespace m2tts
