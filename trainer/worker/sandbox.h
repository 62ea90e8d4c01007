// The least that a worker of m2ttsd needs, held by the kernel: once inside, this process and whatever it
// starts get at nothing else, even when hostile data have taken it over.
//
//   files         Landlock (Linux 5.13 and later): the job's folders, and what programs read of their system
//   system calls  seccomp: no sockets but Unix ones, no tracing, mounting, kernel modules, ...
//
// Other systems have neither. Only for jobs of m2ttsd: training in several processes needs the network.
#pragma once

#include <string>
#include <vector>

#include "core/base/status.h"

namespace m2tts {

struct SandboxOptions {
  std::string mode = "off";        // auto: what the kernel has; on: all of it, or an error
  std::vector<std::string> read;   // files and folders of the job that may be read
  std::vector<std::string> write;  // folders in which files and folders may also be made, changed and deleted
  std::string temp;                // one more of these, which becomes $TMPDIR; empty: no temporary files
};

// There is no way back. Call first thing in main, before threads are made: those that run already are not
// held, so Landlock counts as missing then. What does not exist among the folders is passed over.
// INVALID_ARGUMENT, with what is missing, when `mode` is on and not all of it holds.
Status EnterSandbox(const SandboxOptions& options);

// What holds in this process and what does not, a line for the job's log; empty: no sandbox.
const std::string& SandboxReport();

}  // namespace m2tts
