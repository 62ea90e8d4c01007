// What programs read of their system whatever they do: libraries, their settings, devices. For the sandbox.
#pragma once

#include <filesystem>
#include <vector>

namespace m2tts {

struct ProgramFiles {
  std::vector<std::filesystem::path> run;      // programs and libraries: read, and started
  std::vector<std::filesystem::path> read;     // settings, and what the kernel tells of the machine
  std::vector<std::filesystem::path> devices;  // read and written
};

// Of this process and of what it may start (speech recognizers). Paths need not exist. /etc, /dev and /run
// are not among them as a whole: they also hold keys, tokens, disks and the sockets of services.
ProgramFiles FilesOfPrograms();

}  // namespace m2tts
