// Why a worker ended, and what follows from it.
#pragma once

#include <optional>
#include <string>

#include "core/base/status.h"
#include "m2tts/v1/training.pb.h"

namespace m2tts {

enum class FailureClass {
  kConfig,     // wrong config, data or arguments: never tried again
  kMemory,     // killed for lack of memory, or out of it: again, in smaller pieces
  kDisk,       // no room on the disk: again
  kHeat,       // the worker itself found the machine too hot: again, no failure of the job
  kInterrupt,  // somebody else stopped it: again, no failure of the job
  kCrash,      // anything else: again
};

// "config", "memory", ...
const char* FailureClassName(FailureClass failure);

struct WorkerExit {
  int code = 0;                // exit code
  int signal = 0;              // that ended it; 0 = none
  bool oom_killed = false;     // by the system, for lack of memory
  std::string killed_for;      // what it did, for which the daemon killed it: "talks without end"
  bool plain = false;          // a command without lease: its exit code 1 comes again
  std::optional<Status> done;  // the worker's own last word
  std::string last_line;       // of its standard error
};

FailureClass ClassifyFailure(const WorkerExit& exit);
// A line for people: "config: data.root: ...".
std::string DescribeFailure(const WorkerExit& exit);

// Whether another attempt follows after `failures` in a row, this one included.
bool MayRetry(FailureClass failure, int failures, const v1::RetryPolicy& policy);
// Seconds to wait before it: doubles with each failure, an hour at most.
double RetryDelay(int failures, const v1::RetryPolicy& policy);

}  // namespace m2tts
