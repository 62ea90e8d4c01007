// m2ttsd: see daemon.h for what it does and command_line.cc for its flags.
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <iostream>

#include "absl/synchronization/mutex.h"
#include "server/command_line.h"
#include "server/daemon.h"
#include "server/jobs/job_backup.h"
#include "server/jobs/job_folder.h"
#include "server/ops/open_files.h"
#include "server/ops/signals.h"

int main(int argc, char** argv) {
  using namespace m2tts;
  spdlog::set_default_logger(spdlog::stderr_color_mt("m2ttsd"));
  const auto command_line = ParseCommandLine(argc, argv);
  if (!command_line.ok()) {
    std::cerr << "m2ttsd: " << command_line.status().message() << "\n";
    return kExitUsage;
  }
  if (!command_line->has_value()) return kExitOk;
  const CommandLine& line = **command_line;
  if (line.validate_only) {
    if (const Status files = CheckFiles(line.config); !files.ok()) {
      std::cerr << "m2ttsd: " << files.message() << "\n";
      return kExitUsage;
    }
    std::cout << "the configuration is valid\n";
    return kExitOk;
  }
  if (!line.backup_jobs.empty()) {
    const Status copied = BackUpJobs(StoreOfJobs(line.config.state_dir), line.backup_jobs);
    if (copied.ok()) return kExitOk;
    std::cerr << "m2ttsd: " << copied.message() << "\n";
    return kExitFailure;
  }
  // gRPC's locks: an absl built without NDEBUG, as Debian's, looks for cycles of them at every lock.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  spdlog::set_level(spdlog::level::from_str(line.config.log_level));
  RaiseOpenFileLimit();
  Status status = Signals::Install();
  if (status.ok()) status = RunDaemon(line);
  if (status.ok()) return kExitOk;
  std::cerr << "m2ttsd: " << status.message() << "\n";
  return kExitFailure;
}
