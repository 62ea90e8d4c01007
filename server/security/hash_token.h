// `m2ttsd hash-token`: makes a line of the token file, so that no token has to stand on a command line.
#pragma once

#include <istream>
#include <string>

#include "core/base/status.h"

namespace m2tts {

struct HashTokenOptions {
  std::string name;
  std::string roles = "synthesize";
  std::string generate;  // file for a new token, which must not exist; empty: read one from `in`
};

// The line, without its newline. Reads the first line of `in`, or writes a new random token into the
// file, readable by its owner alone.
StatusOr<std::string> HashToken(const HashTokenOptions& options, std::istream& in);

}  // namespace m2tts
