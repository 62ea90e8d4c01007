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
  hints.paths = true;
  return hints;
}

}  // namespace

void AddCompletionCommand(CLI::App* app, Action* action) {
  AddCompletion(app, TrainerHints(), [action](const ScriptMaker& script) {
    *action = [script] {
      fmt::print("{}", script());
      return OkStatus();
    };
  });
}

}  // namespace m2tts
