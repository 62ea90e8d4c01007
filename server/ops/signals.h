// SIGTERM, SIGINT and SIGHUP as something to wait for.
#pragma once

#include <chrono>

#include "core/base/status.h"

namespace m2tts {

enum class Signal {
  kNone,    // the time was over first
  kStop,    // SIGTERM, SIGINT
  kReload,  // SIGHUP
};

class Signals {
 public:
  // Installs the handlers, and ignores SIGPIPE. Once per process, from main.
  static Status Install();
  // Waits for the next signal; a negative `timeout` waits for ever. Main thread.
  static Signal WaitFor(std::chrono::milliseconds timeout);
};

}  // namespace m2tts
