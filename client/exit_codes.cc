#include "client/exit_codes.h"

namespace m2tts {

ExitCode ExitCodeFor(const Status& status) {
  switch (status.code()) {
    case StatusCode::kOk:
      return kExitOk;
    case StatusCode::kInvalidArgument:
    case StatusCode::kOutOfRange:
    case StatusCode::kNotFound:
    case StatusCode::kFailedPrecondition:
      return kExitRefused;
    case StatusCode::kUnavailable:
      return kExitUnavailable;
    case StatusCode::kResourceExhausted:
    case StatusCode::kDeadlineExceeded:
    case StatusCode::kAborted:
      return kExitTryLater;
    case StatusCode::kUnauthenticated:
    case StatusCode::kPermissionDenied:
      return kExitNoPermission;
    case StatusCode::kCancelled:
      return kExitInterrupted;
    default:
      return kExitInternal;
  }
}

std::string ExitCodeHelp() {
  return "Exit codes:\n"
         "  0    done\n"
         "  1    status: the daemon answers, but is not serving; train: the job failed\n"
         "  2    train: the job was cancelled\n"
         "  64   wrong command line\n"
         "  65   the daemon refused the text, the voice or a setting\n"
         "  66   the input file cannot be read\n"
         "  69   the daemon cannot be reached, or no audio player was found\n"
         "  70   internal error\n"
         "  74   the output cannot be written\n"
         "  75   try again later: overloaded, or the time limit passed\n"
         "  77   the daemon wants a token, or another one\n"
         "  130  interrupted\n";
}

}  // namespace m2tts
