// m2tts completion: completion scripts for shells.
#include "core/base/completion.h"

#include <CLI/CLI.hpp>
#include <memory>

#include "client/cli.h"

namespace m2tts {
namespace {

CompletionHints ClientHints() {
  CompletionHints hints;
  hints.program = "m2tts";
  hints.files = "-f|--file|-o|--output|--lexicon|--compiled-lexicon|--timestamps|--token-file|--tls-*";
  hints.values = {{"--encoding", "wav pcm16 flac f32 opus mp3 mulaw alaw"},
                  {"--stage", "normalized phonemes full"},
                  {"--date-order", "month-first day-first"},
                  {"--digits", "one-by-one pairs"}};
  hints.listed = {{"--voice", "m2tts voices 2> /dev/null | cut -c 3- | cut -d ' ' -f 1"}};
  hints.arguments = {{"completion", "bash zsh fish"}, {"log-level", "debug info warning error"}};
  return hints;
}

ExitCode RunCompletion(const std::string& shell, const CLI::App& app, const CliContext& context) {
  *context.io.out << CompletionScript(app, shell, ClientHints());
  context.io.out->flush();
  return kExitOk;
}

}  // namespace

void AddCompletionCommand(CLI::App* app, CliContext* context) {
  auto shell = std::make_shared<std::string>();
  CLI::App* command = app->add_subcommand("completion", "Print a completion script for bash, zsh or fish");
  command->add_option("shell", *shell, "bash, zsh or fish")
      ->required()
      ->check(CLI::IsMember(CompletionShells()).description(""));
  command->footer("For example, in ~/.bashrc:  source <(m2tts completion bash)");
  command->callback([context, shell, app] {
    context->run = [context, shell, app] { return RunCompletion(*shell, *app, *context); };
  });
}

}  // namespace m2tts
