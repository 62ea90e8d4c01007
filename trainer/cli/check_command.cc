#include "core/base/install_paths.h"
#include "trainer/check/corpus_check.h"
#include "trainer/cli/commands.h"
#include "trainer/cli/terminal_progress.h"

namespace m2tts {
namespace {

struct CheckArguments {
  std::string root;
  bool json = false;
  size_t show = 10;
  CheckOptions options;
};

Status Check(const CheckArguments& arguments) {
  M2TTS_ASSIGN_OR_RETURN(const auto frontend, TextFrontend::Create({FindInstallPaths().lexicon, {}}));
  TerminalProgress progress;
  const auto report =
      CheckCorpus(arguments.root, *frontend, arguments.options,
                  [&progress](size_t done, size_t total) { progress.Show("checking", done, total); });
  // No corpus is wrong usage: exit code 2, where 1 says that there are problems.
  if (!report.ok()) return InvalidArgument("{}", std::string(report.status().message()));
  fmt::print("{}", arguments.json ? FormatCheckJson(*report) : FormatCheckText(*report, arguments.show));
  if (report->problems() == 0) return OkStatus();
  return Errorf(StatusCode::kFailedPrecondition, "{}: problems found: {}", arguments.root,
                report->problems());
}

}  // namespace

void AddCheckCommand(CLI::App* app, Action* action) {
  auto* command = app->add_subcommand(
      "check", "Tell everything that is wrong with a corpus (docs/training.md explains the report)");
  auto arguments = std::make_shared<CheckArguments>();
  command->add_option("corpus", arguments->root, "Corpus folder: LJSpeech, VCTK or a table")->required();
  command->add_flag("--json", arguments->json, "JSON, with every finding");
  command->add_option("--show", arguments->show, "Findings of a kind to print")->capture_default_str();
  command
      ->add_option("--min-seconds", arguments->options.min_seconds,
                   "Shorter clips are problems; data.min_seconds of the config")
      ->check(CLI::Range(0.1, 60.0))
      ->capture_default_str();
  command
      ->add_option("--max-seconds", arguments->options.max_seconds,
                   "Longer clips are problems; data.max_seconds of the config")
      ->check(CLI::Range(0.2, 60.0))
      ->capture_default_str();
  command->add_option("--jobs", arguments->options.jobs, "Threads; 0 = one per core")
      ->check(CLI::Range(0, 1024))
      ->capture_default_str();
  command->footer(
      "Exit codes: 0 nothing wrong (there may be notes), 1 problems, 2 wrong usage or no corpus.");
  command->callback([=] { *action = [=] { return Check(*arguments); }; });
}

}  // namespace m2tts
