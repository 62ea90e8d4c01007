// What the exit status of m2tts says; after BSD's sysexits.h. docs/cli.md has the same table.
#pragma once

#include <string>

#include "core/base/status.h"

namespace m2tts {

enum ExitCode : int {
  kExitOk = 0,
  kExitNotServing = 1,     // `status`: the daemon answers, but is not serving
  kExitJobFailed = 1,      // `train submit`, `train watch`: the job failed
  kExitJobCancelled = 2,   // and: it was cancelled
  kExitUsage = 64,         // the command line is wrong
  kExitRefused = 65,       // the daemon refused the request: text, voice or a setting
  kExitNoInput = 66,       // the input file cannot be read
  kExitUnavailable = 69,   // the daemon cannot be reached, or there is no audio player
  kExitInternal = 70,      // an error inside m2tts or m2ttsd
  kExitOutput = 74,        // the output cannot be written
  kExitTryLater = 75,      // overloaded, or the time limit passed
  kExitNoPermission = 77,  // the daemon wants other credentials
  kExitInterrupted = 130,  // stopped by Ctrl-C
};

// For an error of a call.
ExitCode ExitCodeFor(const Status& status);

// The table, for --help.
std::string ExitCodeHelp();

}  // namespace m2tts
