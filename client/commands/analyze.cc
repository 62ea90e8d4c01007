// m2tts analyze: what the daemon would say for a text, without saying it.
#include <CLI/CLI.hpp>
#include <memory>
#include <utility>

#include "client/cli.h"
#include "client/commands/say_text.h"
#include "client/json.h"

namespace m2tts {
namespace {

struct AnalyzeOptions {
  TextSource text;
  std::string voice;
};

template <typename Warnings>
void PrintWarnings(const Warnings& warnings, const char* indent, std::ostream& out) {
  for (const auto& warning : warnings) {
    out << fmt::format("{}warning: bytes {} to {}: {}\n", indent, warning.range().begin(),
                       warning.range().end(), warning.message());
  }
}

ExitCode RunAnalyze(const AnalyzeOptions& options, const CliContext& context) {
  auto text = ReadText(options.text, context.io);
  if (!text.ok()) return FailText(context, text.status());
  v1::AnalyzeTextRequest request;
  request.set_text(*std::move(text));
  request.set_voice(options.voice);

  SynthesisClient client(context.client);
  ScopedInterruptHandler on_interrupt(context.io.interrupts, [&client] { client.Cancel(); });
  const auto analysis = client.AnalyzeText(request);
  if (!analysis.ok()) return context.FailCall(analysis.status());
  std::ostream& out = *context.io.out;
  if (context.json) {
    PrintJson(ToJson(*analysis), out);
    return kExitOk;
  }
  for (const auto& sentence : analysis->sentences()) {
    out << sentence.normalized_text() << "\n  " << sentence.phonemes() << "\n";
    PrintWarnings(sentence.warnings(), "  ", out);
  }
  PrintWarnings(analysis->warnings(), "", out);
  out.flush();
  return kExitOk;
}

}  // namespace

void AddAnalyzeCommand(CLI::App* app, CliContext* context) {
  auto options = std::make_shared<AnalyzeOptions>();
  CLI::App* command = app->add_subcommand("analyze", "Show normalized text, phonemes and warnings of a text");
  AddTextSource(command, &options->text);
  command->add_option("--voice", options->voice, "The voice whose lexicon counts")->type_name("NAME");
  command->callback(
      [context, options] { context->run = [context, options] { return RunAnalyze(*options, *context); }; });
}

}  // namespace m2tts
