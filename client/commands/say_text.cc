#include "client/commands/say_text.h"

#include <CLI/CLI.hpp>

#include "core/base/file.h"

namespace m2tts {
namespace {

StatusOr<std::string> ReadStream(std::istream& in) {
  std::string text;
  char buffer[65536];
  while (in.read(buffer, sizeof buffer), in.gcount() > 0) {
    text.append(buffer, static_cast<size_t>(in.gcount()));
    if (text.size() > kMaxTextBytes) {
      return InvalidArgument("standard input is longer than {} bytes; send it in parts", kMaxTextBytes);
    }
  }
  if (in.bad()) return Errorf(StatusCode::kUnknown, "standard input: cannot read");
  return text;
}

}  // namespace

void AddTextSource(CLI::App* command, TextSource* source) {
  auto* words = command->add_option("text", source->words, "Text; without it, the file or standard input");
  command->add_option("-f,--file", source->file, "Read the text from FILE; - is standard input")
      ->type_name("FILE")
      ->excludes(words);
}

StatusOr<std::string> ReadText(const TextSource& source, const CliIo& io) {
  if (!source.words.empty()) {
    std::string text;
    for (const std::string& word : source.words) text += (text.empty() ? "" : " ") + word;
    return text;
  }
  if (!source.file.empty() && source.file != "-") {
    auto text = ReadFile(source.file, kMaxTextBytes);
    // A folder, say, is a bad file and no bad command line.
    if (!text.ok()) return Errorf(StatusCode::kUnknown, "{}", std::string(text.status().message()));
    return text;
  }
  if (source.file.empty() && io.in_is_terminal) {
    return InvalidArgument("there is no text: pass it in quotes, with -f FILE, or on standard input");
  }
  return ReadStream(*io.in);
}

ExitCode FailText(const CliContext& context, const Status& status) {
  return context.Fail(status.code() == StatusCode::kInvalidArgument ? kExitUsage : kExitNoInput, status);
}

}  // namespace m2tts
