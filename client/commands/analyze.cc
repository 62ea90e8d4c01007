// m2tts analyze: what would be said for a text, without saying it.
#include <CLI/CLI.hpp>
#include <fstream>
#include <memory>
#include <sstream>
#include <utility>

#include "client/analysis/analyzer.h"
#include "client/analysis/print_analysis.h"
#include "client/cli.h"
#include "client/commands/say_text.h"
#include "client/commands/text_flags.h"
#include "client/json.h"
#include "client/terminal.h"

namespace m2tts {
namespace {

struct AnalyzeOptions {
  TextSource text;
  std::string voice;
  std::string stage;  // empty: a report of the whole text
  bool offline = false;
  std::string compiled_lexicon;
  TextFlags reading;
};

constexpr const char* kFooter = R"(
Examples:
  m2tts analyze "Dr. Smith paid \$20.50."            a table: source, class, words, phonemes, origin
  m2tts analyze --offline --stage normalized < in    one line of words for each line of in
  m2tts analyze --offline --stage phonemes < in      one line of ARPAbet for each line of in
  m2tts analyze --ssml -f page.ssml --lexicon names.txt
With --stage every input line gives exactly one output line, an empty one where there is nothing
to say; warnings go to standard error with the number of their line.)";

AnalysisStage StageOf(const std::string& name) {
  if (name == "normalized") return AnalysisStage::kNormalized;
  return name == "phonemes" ? AnalysisStage::kPhonemes : AnalysisStage::kFull;
}

v1::AnalyzeTextRequest MakeRequest(const AnalyzeOptions& options, const v1::TextOptions& text_options) {
  v1::AnalyzeTextRequest request;
  request.set_voice(options.voice);
  *request.mutable_text_options() = text_options;
  return request;
}

// Each line of the input on its own. A line that cannot be read gives an empty line, and the exit
// code tells.
ExitCode AnalyzeLines(std::istream& in, AnalysisStage stage, v1::AnalyzeTextRequest request,
                      const CliContext& context, Analyzer* analyzer) {
  ExitCode code = kExitOk;
  size_t number = 0;
  for (std::string line; std::getline(in, line);) {
    ++number;
    if (!line.empty() && line.back() == '\r') line.pop_back();
    v1::AnalyzeTextResponse analysis;
    // The daemon takes no request without text.
    if (line.find_first_not_of(" \t") != std::string::npos) {
      request.set_text(line);
      auto answer = analyzer->Analyze(request);
      if (answer.ok()) {
        analysis = *std::move(answer);
      } else if (answer.status().code() == StatusCode::kInvalidArgument) {
        *context.io.err << fmt::format("m2tts: line {}: {}\n", number,
                                       Harmless(std::string(answer.status().message())));
        code = kExitRefused;
      } else {
        return context.FailCall(answer.status());
      }
    }
    *context.io.out << StageLine(analysis, stage) << '\n';
    PrintWarnings(analysis, fmt::format("line {}: ", number), *context.io.err);
    // Somebody may be typing, or waiting for the answer to a line.
    if (in.rdbuf()->in_avail() <= 0) context.io.out->flush();
    if (!context.io.out->good()) return kExitOutput;
  }
  if (in.bad()) return FailText(context, Errorf(StatusCode::kUnknown, "line {}: cannot read", number + 1));
  context.io.out->flush();
  return code;
}

ExitCode AnalyzeEachLine(const AnalyzeOptions& options, const v1::TextOptions& text_options,
                         const CliContext& context, Analyzer* analyzer) {
  const AnalysisStage stage = StageOf(options.stage);
  const v1::AnalyzeTextRequest request = MakeRequest(options, text_options);
  if (!options.text.words.empty()) {
    std::istringstream in(*ReadText(options.text, context.io));
    return AnalyzeLines(in, stage, request, context, analyzer);
  }
  if (!options.text.file.empty() && options.text.file != "-") {
    std::ifstream in(options.text.file, std::ios::binary);
    if (!in) return FailText(context, Errorf(StatusCode::kUnknown, "{}: cannot read", options.text.file));
    return AnalyzeLines(in, stage, request, context, analyzer);
  }
  return AnalyzeLines(*context.io.in, stage, request, context, analyzer);
}

ExitCode AnalyzeWhole(const AnalyzeOptions& options, const v1::TextOptions& text_options,
                      const CliContext& context, Analyzer* analyzer) {
  auto text = ReadText(options.text, context.io);
  if (!text.ok()) return FailText(context, text.status());
  v1::AnalyzeTextRequest request = MakeRequest(options, text_options);
  request.set_text(*std::move(text));
  const auto analysis = analyzer->Analyze(request);
  if (!analysis.ok()) return context.FailCall(analysis.status());
  if (context.json) {
    PrintJson(ToJson(*analysis), *context.io.out);
  } else {
    PrintReport(*analysis, request.text(), *context.io.out);
  }
  context.io.out->flush();
  return kExitOk;
}

ExitCode RunAnalyze(const AnalyzeOptions& options, const CliContext& context) {
  const auto run = options.stage.empty() ? AnalyzeWhole : AnalyzeEachLine;
  const auto text_options = ToTextOptions(options.reading);
  if (!text_options.ok()) return context.Fail(kExitNoInput, text_options.status());
  if (options.offline) {
    auto analyzer = MakeOfflineAnalyzer(options.compiled_lexicon, *text_options);
    if (!analyzer.ok()) {
      const bool refused = analyzer.status().code() == StatusCode::kInvalidArgument;
      return context.Fail(refused ? kExitRefused : kExitNoInput, analyzer.status());
    }
    return run(options, *text_options, context, analyzer->get());
  }
  SynthesisClient client(context.client);
  ScopedInterruptHandler on_interrupt(context.io.interrupts, [&client] { client.Cancel(); });
  return run(options, *text_options, context, MakeDaemonAnalyzer(&client).get());
}

}  // namespace

void AddAnalyzeCommand(CLI::App* app, CliContext* context) {
  auto options = std::make_shared<AnalyzeOptions>();
  CLI::App* command = app->add_subcommand(
      "analyze", "Show the words, the phonemes and the warnings of a text, without speaking it");
  command->footer(kFooter);
  AddTextSource(command, &options->text);
  AddTextFlags(command, &options->reading);
  auto* voice =
      command->add_option("--voice", options->voice, "The voice whose lexicon counts")->type_name("NAME");
  command
      ->add_option(
          "--stage", options->stage,
          "For scripts, one output line per input line: normalized (words), phonemes (ARPAbet, words joined "
          "by \" | \") or full (JSON)")
      ->type_name("STAGE")
      ->check(CLI::IsMember({"normalized", "phonemes", "full"}));
  auto* offline =
      command->add_flag("--offline", options->offline, "Read here, without a daemon")->excludes(voice);
  command
      ->add_option(
          "--compiled-lexicon", options->compiled_lexicon,
          "With --offline: the built-in words, as the build made them; default: the one that came with m2tts")
      ->type_name("FILE")
      ->needs(offline);
  command->callback(
      [context, options] { context->run = [context, options] { return RunAnalyze(*options, *context); }; });
}

}  // namespace m2tts
