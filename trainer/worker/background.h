// Makes this process one that hurts nobody else: for trainers that m2ttsd starts.
#pragma once

#include <cstdint>

#include "core/base/status.h"

namespace m2tts {

struct BackgroundOptions {
  int64_t memory_limit_mb = 0;  // of private memory; beyond it allocations fail. 0 = none
  bool end_with_parent = true;  // SIGTERM to itself when the process that started it is gone
};

// Lowest scheduling class (Linux: SCHED_IDLE and idle I/O; macOS: background quality of service), the
// limit of memory, no core dumps. Call first thing in main, before threads are made: they inherit
// it. What the system does not offer is passed over; INVALID_ARGUMENT for a limit it refuses.
Status EnterBackground(const BackgroundOptions& options);

}  // namespace m2tts
