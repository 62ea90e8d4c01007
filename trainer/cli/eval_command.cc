#include "core/base/file.h"
#include "core/base/install_paths.h"
#include "core/device/runtime.h"
#include "trainer/cli/commands.h"
#include "trainer/evaluation/compare_systems.h"
#include "trainer/evaluation/report.h"
#include "trainer/speak.h"

namespace m2tts {
namespace {

struct EvalArguments {
  std::string voice;
  std::string data;
  std::string speaker;
  int limit = 0;
  bool json = false;
  bool no_wer = false;
  EvalOptions options;
  SynthesizerOptions synthesizer;
};

Status Eval(EvalArguments arguments) {
  ConfigureCpuThreads(1);  // the recognizers use the other cores
  M2TTS_ASSIGN_OR_RETURN(const auto speaker,
                         Speaker::Load(arguments.voice, FindInstallPaths().lexicon, arguments.synthesizer));
  M2TTS_ASSIGN_OR_RETURN(const auto items, ReadEvalItems(arguments.data, arguments.limit));
  arguments.options.audio = speaker->synthesizer().manifest().audio;
  arguments.options.recognize = !arguments.no_wer;
  SynthesisControls controls;
  M2TTS_ASSIGN_OR_RETURN(controls.speaker, speaker->Index(arguments.speaker));
  const auto synthesize = [&](const std::string& text) { return speaker->Say(text, controls); };
  M2TTS_ASSIGN_OR_RETURN(const EvalReport report, CompareSystems(items, synthesize, arguments.options));
  fmt::print("{}\n", arguments.json ? FormatEvalJson(report) : FormatEvalTable(report));
  return OkStatus();
}

}  // namespace

void AddEvalCommand(CLI::App* app, Action* action) {
  auto* command = app->add_subcommand("eval", "Measure a voice against recordings of the same sentences");
  auto arguments = std::make_shared<EvalArguments>();
  command->add_option("voice", arguments->voice, "Voice folder")->required();
  command->add_option("--data", arguments->data, "Corpus folder (LJSpeech layout) that training never saw")
      ->required();
  command->add_option("--speaker", arguments->speaker, "Speaker of a voice that has several [the first]");
  command->add_option("--limit", arguments->limit, "Only the first N sentences; 0 = all")
      ->capture_default_str();
  command->add_flag("--json", arguments->json, "JSON, with every sentence");
  command->add_flag("--no-wer", arguments->no_wer, "Acoustic distances only, no recognizer");
  command->add_option("--vocoder", arguments->synthesizer.vocoder,
                      "griffin_lim to leave the trained one out");
  command
      ->add_option("--recognizer", arguments->options.recognizer.command, "Command; {wav} = 16 kHz mono WAV")
      ->capture_default_str();
  command->add_option("--jobs", arguments->options.recognizer.jobs, "Recognizers at once")
      ->capture_default_str();
  command->callback([=] { *action = [=] { return Eval(*arguments); }; });
}

}  // namespace m2tts
