#include <signal.h>
#include <unistd.h>

#include <iostream>

#include "absl/synchronization/mutex.h"
#include "client/cli.h"

int main(int argc, char** argv) {
  signal(SIGPIPE, SIG_IGN);          // a reader that went away is an error of the write
  std::ios::sync_with_stdio(false);  // before any use: reading and writing by the block
  std::cin.tie(nullptr);
  // gRPC's locks: an absl built without NDEBUG, as Debian's, looks for cycles of them at every lock.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  m2tts::InterruptWatcher interrupts;
  m2tts::CliIo io{&std::cin, &std::cout, &std::cerr};
  io.in_is_terminal = isatty(STDIN_FILENO) != 0;
  io.out_is_terminal = isatty(STDOUT_FILENO) != 0;
  io.err_is_terminal = isatty(STDERR_FILENO) != 0;
  io.interrupts = &interrupts;
  return m2tts::RunCli(std::vector<std::string>(argv + 1, argv + argc), io);
}
