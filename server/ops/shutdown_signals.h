// SIGTERM and SIGINT as something to wait for.
#pragma once

#include <chrono>

#include "core/base/status.h"

namespace m2tts {

class ShutdownSignals {
 public:
  // Installs the handlers, and ignores SIGPIPE. Once per process, from main.
  static Status Install();
  // Waits for the next signal; false when `timeout` passed first.
  static bool WaitFor(std::chrono::milliseconds timeout);
  static void Wait();
};

}  // namespace m2tts
