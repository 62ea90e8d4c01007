// The life of a job as a table: which state may follow which.
//
//   QUEUED ──> RUNNING <──> PAUSED
//     │ ^        │  │          │
//     │ └────────┘  │          │        back to QUEUED: to be tried again, or after a restart
//     v             v          v
//   CANCELLED   SUCCEEDED | FAILED | CANCELLED
//
// Pure; any thread.
#pragma once

#include <string>

#include "core/base/status.h"
#include "m2tts/v1/training.pb.h"

namespace m2tts {

class JobStateMachine {
 public:
  // Whether nothing follows.
  static bool IsTerminal(v1::JobState state);
  // Staying is no transition: false.
  static bool Allows(v1::JobState from, v1::JobState to);
  // FAILED_PRECONDITION that names both states when the table does not have it.
  static Status Check(v1::JobState from, v1::JobState to);
};

// "RUNNING".
std::string JobStateName(v1::JobState state);
// "thermal"; empty for UNSPECIFIED.
std::string PauseReasonName(v1::PauseReason reason);
// "fine_tune".
std::string JobKindName(v1::JobKind kind);

}  // namespace m2tts
