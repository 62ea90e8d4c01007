#include <algorithm>
#include <optional>
#include <set>

#include <fmt/ranges.h>

#include "core/base/install_paths.h"
#include "core/device/runtime.h"
#include "core/voice/voice_bundle.h"
#include "trainer/cli/commands.h"
#include "trainer/cli/terminal_progress.h"
#include "trainer/copy_synthesis.h"
#include "trainer/evaluation/compare_systems.h"
#include "trainer/evaluation/report.h"
#include "trainer/speak.h"

namespace m2tts {
namespace {

struct EvalArguments {
  std::vector<std::string> voices;
  std::string data;
  std::string speaker;
  std::string mos_model;
  int limit = 0;
  bool json = false;
  bool no_wer = false;
  EvalOptions options;
  SynthesizerOptions synthesizer;
};

// What the voices have shown of themselves.
struct Common {
  std::optional<AudioConfig> audio;
  std::set<std::string> speakers;  // who speaks for the voices that have several
};

// Of the voice, which is the name of its folder; where another one has the same, the way to the folder.
std::string NameOf(const std::string& folder, const std::vector<std::string>& voices) {
  std::string name = FolderName(folder);
  const auto same = std::count_if(voices.begin(), voices.end(),
                                  [&](const std::string& voice) { return FolderName(voice) == name; });
  if (same <= 1) return name;
  return (std::filesystem::path(folder) / "").lexically_normal().parent_path().string();
}

// The rows of one voice: what its vocoder makes of the recordings' own mel, and what it says.
StatusOr<std::vector<EvalSystem>> SystemsOf(const std::string& folder, const EvalArguments& arguments,
                                            Common* common) {
  M2TTS_ASSIGN_OR_RETURN(std::shared_ptr<Speaker> speaker,
                         Speaker::Load(folder, FindInstallPaths().lexicon, arguments.synthesizer));
  M2TTS_ASSIGN_OR_RETURN(std::shared_ptr<CopySynthesis> copy,
                         CopySynthesis::Load(folder, arguments.synthesizer.vocoder));
  const VoiceManifest& manifest = speaker->synthesizer().manifest();
  if (common->audio.has_value() && common->audio->ToJson() != manifest.audio.ToJson()) {
    return InvalidArgument("{}: has other audio settings than the voice before; evaluate it alone", folder);
  }
  common->audio = manifest.audio;
  SynthesisControls controls;
  std::string name = NameOf(folder, arguments.voices);
  if (manifest.speakers.size() > 1) {
    M2TTS_ASSIGN_OR_RETURN(controls.speaker, speaker->Index(arguments.speaker));
    common->speakers.insert(manifest.speakers[controls.speaker]);
    name += "/" + manifest.speakers[controls.speaker];
  }
  const auto say = [=](const std::string& text, const std::vector<float>&) {
    return speaker->Say(text, controls);
  };
  const auto repeat = [=](const std::string&, const std::vector<float>& recording) {
    return copy->Speak(recording);
  };
  return std::vector<EvalSystem>{{name + " copy-synthesis", repeat, true}, {name, say, false}};
}

// Where the corpus names speakers, the clips of the one who speaks.
StatusOr<std::vector<EvalItem>> ItemsFor(const EvalArguments& arguments,
                                         const std::set<std::string>& speakers) {
  const bool chosen = arguments.speaker.empty() && speakers.size() == 1;
  M2TTS_ASSIGN_OR_RETURN(auto items, ReadEvalItems(arguments.data, arguments.limit,
                                                   chosen ? *speakers.begin() : arguments.speaker));
  const bool named =
      std::any_of(items.begin(), items.end(), [](const EvalItem& item) { return !item.speaker.empty(); });
  if (speakers.size() <= 1 || !named) return items;
  return InvalidArgument(
      "--speaker: the voices would speak as {}; name one whose clips of {} to compare with",
      fmt::join(speakers, " and "), arguments.data);
}

Status Eval(EvalArguments arguments) {
  ConfigureCpuThreads(1);  // the recognizers use the other cores
  std::vector<EvalSystem> systems;
  Common common;
  for (const std::string& voice : arguments.voices) {
    M2TTS_ASSIGN_OR_RETURN(const auto added, SystemsOf(voice, arguments, &common));
    systems.insert(systems.end(), added.begin(), added.end());
  }
  M2TTS_ASSIGN_OR_RETURN(const auto items, ItemsFor(arguments, common.speakers));
  arguments.options.audio = *common.audio;
  arguments.options.recognize = !arguments.no_wer;
  M2TTS_ASSIGN_OR_RETURN(const auto frontend, TextFrontend::Create({FindInstallPaths().lexicon, {}}));
  arguments.options.spoken_words = [&](const std::string& text) { return SpokenWords(*frontend, text); };
  std::unique_ptr<MosPredictor> mos;
  if (!arguments.mos_model.empty()) {
    M2TTS_ASSIGN_OR_RETURN(mos, MosPredictor::Load(arguments.mos_model));
    arguments.options.mos = mos.get();
  }
  TerminalProgress progress;
  const auto tell = [&](const std::string& stage, size_t done, size_t total) {
    progress.Show(stage, done, total);
  };
  M2TTS_ASSIGN_OR_RETURN(const EvalReport report, CompareSystems(items, systems, arguments.options, tell));
  fmt::print("{}\n", arguments.json ? FormatEvalJson(report) : FormatEvalTable(report));
  return OkStatus();
}

}  // namespace

void AddEvalCommand(CLI::App* app, Action* action) {
  auto* command = app->add_subcommand(
      "eval",
      "Measure voices against recordings of the same sentences (docs/evaluation.md explains the figures)");
  auto arguments = std::make_shared<EvalArguments>();
  command->add_option("voice", arguments->voices, "Voice folders, side by side")->required();
  command
      ->add_option("--data", arguments->data,
                   "Corpus folder (LJSpeech, VCTK or table) that training never saw")
      ->required();
  command->add_option("--speaker", arguments->speaker,
                      "Speaker of voices that have several, and of the clips [the first]");
  command->add_option("--limit", arguments->limit, "Only the first N sentences; 0 = all")
      ->capture_default_str();
  command->add_flag("--json", arguments->json, "JSON, with every sentence");
  command->add_flag("--no-wer", arguments->no_wer, "Acoustic distances only, no recognizer");
  command->add_option("--vocoder", arguments->synthesizer.vocoder,
                      "griffin_lim to leave the trained one out");
  command->add_option(
      "--mos-model", arguments->mos_model,
      "TorchScript module, 16 kHz samples [1, N] -> opinion score. It is run: trust it first");
  command
      ->add_option("--recognizer", arguments->options.recognizer.command, "Command; {wav} = 16 kHz mono WAV")
      ->capture_default_str();
  command->add_option("--jobs", arguments->options.recognizer.jobs, "Recognizers at once")
      ->capture_default_str();
  command->callback([=] { *action = [=] { return Eval(*arguments); }; });
}

}  // namespace m2tts
