// The one place where exceptions of LibTorch and other libraries become a Status.
#pragma once

#include <functional>

#include "core/base/status.h"

namespace m2tts {

// The Status of the exception that is being handled; call only inside a catch block.
// RESOURCE_EXHAUSTED for out-of-memory (c10::OutOfMemoryError, std::bad_alloc, or the
// messages of CPU and MPS allocators), INTERNAL for others; the first line of what() is kept.
Status StatusFromCurrentException(const std::string& what);

// Runs `fn` (returning Status or StatusOr<T>) and turns any exception into a Status.
template <typename Fn>
auto Guard(const std::string& what, Fn&& fn) -> decltype(fn()) {
  try {
    return fn();
  } catch (...) {
    return StatusFromCurrentException(what);
  }
}

bool IsOutOfMemory(const Status& status);

}  // namespace m2tts
