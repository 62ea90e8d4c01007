// One m2tts-trainer that the daemon has started, by posix_spawn: never fork, which is unsafe once
// LibTorch's threads are up.
//
// Used by the supervisor's thread alone. Destroyed while it runs, it is killed.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/status.h"
#include "server/jobs/job_failure.h"

namespace m2tts {

class WorkerProcess {
 public:
  struct Options {
    std::filesystem::path program;
    std::vector<std::string> arguments;  // "{lease}" in it becomes the number of the lease socket
    std::filesystem::path output;        // standard output, replaced; empty: goes to the log
    std::filesystem::path log;           // standard error, appended
    bool lease = false;                  // has a lease socket
  };

  // NOT_FOUND when there is no such program.
  static StatusOr<std::unique_ptr<WorkerProcess>> Start(const Options& options);
  ~WorkerProcess();

  pid_t pid() const { return pid_; }
  // The daemon's end, non-blocking to read; -1 without lease.
  int socket() const { return socket_; }
  bool stopped() const { return stopped_; }

  // How it ended; nullopt while it runs.
  std::optional<WorkerExit> Poll();
  void Signal(int signal) const;
  // SIGSTOP and SIGCONT.
  void Freeze();
  void Thaw();

 private:
  WorkerProcess(pid_t pid, int socket, std::filesystem::path log, off_t log_begin);

  const pid_t pid_;
  const int socket_;
  const std::filesystem::path log_;
  const off_t log_begin_;  // where its own part of the log begins
  const int64_t oom_kills_;
  bool stopped_ = false;
  std::optional<WorkerExit> exit_;
};

}  // namespace m2tts
