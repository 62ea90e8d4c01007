// Runs the command line in this process, and keeps what it said.
#pragma once

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <vector>

#include "client/cli.h"

namespace m2tts::testing {

struct CliResult {
  int code;
  std::string out;
  std::string err;
};

inline CliResult RunM2tts(const std::vector<std::string>& arguments, const std::string& input = "",
                          bool terminal = false) {
  std::istringstream in(input);
  std::ostringstream out, err;
  CliIo io{&in, &out, &err};
  io.in_is_terminal = terminal;
  io.out_is_terminal = terminal;
  io.err_is_terminal = terminal;
  const int code = RunCli(arguments, io);
  return {code, out.str(), err.str()};
}

// A folder that is removed at the end.
class TempDir {
 public:
  TempDir() {
    std::string name = (std::filesystem::temp_directory_path() / "m2tts-test-XXXXXX").string();
    path_ = mkdtemp(name.data());
  }
  ~TempDir() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  std::string operator/(const std::string& name) const { return (path_ / name).string(); }
  size_t file_count() const {
    const std::filesystem::directory_iterator files(path_);
    return static_cast<size_t>(std::distance(begin(files), end(files)));
  }

 private:
  std::filesystem::path path_;
};

inline std::string ReadAll(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

inline void WriteAll(const std::string& path, const std::string& content) {
  std::ofstream(path, std::ios::binary) << content;
}

}  // namespace m2tts::testing
