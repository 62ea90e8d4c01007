// Where the text of `say` and `analyze` comes from.
#pragma once

#include <string>
#include <vector>

#include "client/cli.h"
#include "core/base/status.h"

namespace m2tts {

struct TextSource {
  std::vector<std::string> words;  // of the command line
  std::string file;                // "-" is standard input
};

// Adds TEXT and --file.
void AddTextSource(CLI::App* command, TextSource* source);

// Longer input is refused here: no daemon takes it in one request.
inline constexpr size_t kMaxTextBytes = size_t{16} << 20;

// The words of the command line, else the file, else standard input. INVALID_ARGUMENT when there is
// nothing or too much (a wrong command line); other errors are of reading.
StatusOr<std::string> ReadText(const TextSource& source, const CliIo& io);

// Prints the error of ReadText and returns the exit code.
ExitCode FailText(const CliContext& context, const Status& status);

}  // namespace m2tts
