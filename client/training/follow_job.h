// Watches a job until it has ended, through restarts of the daemon.
#pragma once

#include <chrono>
#include <string>

#include "client/cli.h"
#include "client/training_client.h"

namespace m2tts {

struct FollowOptions {
  int64_t from_sequence = 1;
  bool json_lines = false;                      // each event as JSON on standard output
  bool only_log = false;                        // events that are lines of the log, and nothing else
  bool until_now = false;                       // end with what there is, do not follow
  std::chrono::milliseconds retry_every{1000};  // while the daemon restarts
};

// Shows the events, and returns the job's result as the exit code: kExitOk, kExitJobFailed,
// kExitJobCancelled. Ctrl-C detaches: it says how to come back, and returns kExitInterrupted.
ExitCode FollowJob(const std::string& id, const FollowOptions& options, TrainingClient* client,
                   const CliContext& context);

}  // namespace m2tts
