#include "core/base/completion.h"
#include "trainer/cli/commands.h"

namespace m2tts {
namespace {

CompletionHints TrainerHints() {
  CompletionHints hints;
  hints.program = "m2tts-trainer";
  hints.files = "-o|--output|--run|--data|--mos-model";
  hints.values = {{"--stages", "aligner acoustic vocoder"},
                  {"--dtype", "fp32 fp16 int8"},
                  {"--engine", "festival flite"},
                  {"--device", "auto mps cuda cpu"},
                  {"--vocoder", "griffin_lim"},
                  {"--part", "test development"}};
  hints.arguments = {{"completion", "bash zsh fish"}};
  hints.paths = true;
  return hints;
}

}  // namespace

void AddCompletionCommand(CLI::App* app, Action* action) {
  auto shell = std::make_shared<std::string>();
  auto* command = app->add_subcommand("completion", "Print a completion script for bash, zsh or fish");
  command->add_option("shell", *shell, "bash, zsh or fish")
      ->required()
      ->check(CLI::IsMember(CompletionShells()).description(""));
  command->footer("For example, in ~/.bashrc:  source <(m2tts-trainer completion bash)");
  command->callback([=] {
    *action = [=] {
      fmt::print("{}", CompletionScript(*app, *shell, TrainerHints()));
      return OkStatus();
    };
  });
}

}  // namespace m2tts
