// m2tts completion: completion scripts for shells.
#include "core/base/completion.h"

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
  hints.listed = {{"--voice",
                   "m2tts --timeout 2 voices 2> /dev/null | cut -c 3- | cut -d ' ' -f 1 | "
                   "grep -Ex '[A-Za-z0-9._-]+'"}};
  hints.arguments = {{"log-level", "debug info warning error"}};
  return hints;
}

}  // namespace

void AddCompletionCommand(CLI::App* app, CliContext* context) {
  AddCompletion(app, ClientHints(), [context](const ScriptMaker& script) {
    context->run = [context, script] {
      *context->io.out << script();
      context->io.out->flush();
      return kExitOk;
    };
  });
}

}  // namespace m2tts
