// Child processes of integration tests, and files for them.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace m2tts {

// A folder that goes away with the test.
class TempDir {
 public:
  TempDir();
  ~TempDir();
  std::filesystem::path operator/(const std::string& name) const { return path_ / name; }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

// Killed when destroyed while it runs. Standard output is read line by line; standard error
// goes to a file that a failing test can show.
class Process {
 public:
  Process(const std::vector<std::string>& command,
          const std::map<std::string, std::string>& environment = {});
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  // The next line of standard output; "" at its end.
  std::string ReadLine();
  std::string ReadAll();
  std::string Errors() const;
  void Signal(int signal) const;
  // The exit code, 128 + n after signal n, or -1 when it still runs after `seconds`.
  int Wait(double seconds = 30.0);
  pid_t pid() const { return pid_; }

 private:
  TempDir dir_;
  pid_t pid_ = -1;
  int output_ = -1;
  std::string buffer_;
};

// A TCP port of loopback that is free now.
int FreePort();

}  // namespace m2tts
