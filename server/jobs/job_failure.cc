#include "server/jobs/job_failure.h"

#include <algorithm>
#include <cmath>
#include <csignal>
#include <cstring>

namespace m2tts {
namespace {

constexpr int kDefaultAttempts = 4;
constexpr double kDefaultBackoff = 10.0, kMaxBackoff = 3600.0;
// Exit codes of m2tts-trainer (docs/training.md).
constexpr int kExitBadInput = 2, kExitBudget = 3, kExitHeat = 4, kExitInterrupted = 130;

bool Mentions(const std::string& text, const char* what) {
  return text.find(what) != std::string::npos;
}

std::string MessageOf(const WorkerExit& exit) {
  if (!exit.killed_for.empty()) return "killed, since it " + exit.killed_for;
  if (exit.done.has_value() && !exit.done->ok()) return std::string(exit.done->message());
  return exit.last_line;
}

bool IsDiskFull(const std::string& message) {
  return Mentions(message, "No space left") || Mentions(message, "quota exceeded") ||
         Mentions(message, "File too large");
}

}  // namespace

const char* FailureClassName(FailureClass failure) {
  switch (failure) {
    case FailureClass::kConfig:
      return "config";
    case FailureClass::kMemory:
      return "memory";
    case FailureClass::kDisk:
      return "disk";
    case FailureClass::kHeat:
      return "heat";
    case FailureClass::kInterrupt:
      return "interrupt";
    case FailureClass::kCrash:
      break;
  }
  return "crash";
}

FailureClass ClassifyFailure(const WorkerExit& exit) {
  if (!exit.killed_for.empty()) return FailureClass::kCrash;
  const std::string message = MessageOf(exit);
  if (exit.oom_killed) return FailureClass::kMemory;
  if (exit.signal == SIGTERM || exit.signal == SIGINT || exit.signal == SIGHUP)
    return FailureClass::kInterrupt;
  // A failed allocation in a library ends in abort().
  if (exit.signal != 0) return Mentions(message, "bad_alloc") ? FailureClass::kMemory : FailureClass::kCrash;
  if (exit.code == kExitBadInput) return FailureClass::kConfig;
  if (exit.code == kExitHeat) return FailureClass::kHeat;
  if (exit.code == kExitBudget || exit.code == kExitInterrupted) return FailureClass::kInterrupt;
  if (IsDiskFull(message)) return FailureClass::kDisk;
  if (!exit.done.has_value()) return exit.plain ? FailureClass::kConfig : FailureClass::kCrash;
  switch (exit.done->code()) {
    case StatusCode::kInvalidArgument:
    case StatusCode::kNotFound:
    case StatusCode::kFailedPrecondition:
    case StatusCode::kPermissionDenied:
      return FailureClass::kConfig;
    case StatusCode::kResourceExhausted:
      return FailureClass::kMemory;
    default:
      return FailureClass::kCrash;
  }
}

std::string DescribeFailure(const WorkerExit& exit) {
  const std::string message = MessageOf(exit);
  std::string how = exit.signal != 0 ? fmt::format("signal {} ({})", exit.signal, strsignal(exit.signal))
                                     : fmt::format("exit code {}", exit.code);
  return fmt::format("{}: {}", FailureClassName(ClassifyFailure(exit)), message.empty() ? how : message);
}

bool MayRetry(FailureClass failure, int failures, const v1::RetryPolicy& policy) {
  if (failure == FailureClass::kConfig) return false;
  return failures < (policy.max_attempts() > 0 ? policy.max_attempts() : kDefaultAttempts);
}

double RetryDelay(int failures, const v1::RetryPolicy& policy) {
  const double first = policy.has_backoff()
                           ? static_cast<double>(policy.backoff().seconds()) + 1e-9 * policy.backoff().nanos()
                           : kDefaultBackoff;
  return std::min(kMaxBackoff, first * std::pow(2.0, std::max(0, failures - 1)));
}

}  // namespace m2tts
