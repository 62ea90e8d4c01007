// m2tts-trainer: makes voices. See `m2tts-trainer --help`.

#include <cstdio>

#include "core/base/version.h"
#include "core/device/runtime.h"
#include "trainer/cli/commands.h"
#include "trainer/worker/background.h"
#include "trainer/worker/sandbox.h"

namespace {

constexpr char kFooter[] =
    "Examples:\n"
    "  m2tts-trainer selftest                                   check this installation\n"
    "  m2tts-trainer check data/corpus                          say what is wrong with a corpus\n"
    "  m2tts-trainer train configs/stage1_poc.yaml              train, or go on training\n"
    "  m2tts-trainer report runs/poc                            how it goes, as one HTML file\n"
    "  m2tts-trainer export runs/poc -o voices/poc              make a voice of a run\n"
    "  m2tts-trainer compress voices/poc -o voices/poc-small    store it in 8 bits\n"
    "  m2tts-trainer say voices/en_US-slt \"Hello.\" -o hello.wav\n"
    "\n"
    "Exit codes: 0 done, 1 failed, 2 wrong usage or bad input; and, with a checkpoint from which the same\n"
    "command goes on: 3 --max-minutes or --max-steps spent, 4 heat or memory critical, or another process "
    "of\n"
    "the run gone, 130 interrupted.\n";

// How m2ttsd starts its workers: for every command, and not for people.
struct WorkerFlags {
  bool background = false;
  m2tts::BackgroundOptions background_options;
  m2tts::SandboxOptions sandbox;
};

void AddWorkerFlags(CLI::App* app, WorkerFlags* flags) {
  app->add_flag("--background", flags->background, "Yield to everything else; end with the parent")
      ->group("");
  app->add_option("--memory-limit-mb", flags->background_options.memory_limit_mb, "Of private memory")
      ->group("");
  app->add_option("--sandbox-read", flags->sandbox.read, "What may be read")->group("");
  app->add_option("--sandbox-write", flags->sandbox.write, "Folders that may be changed")->group("");
  app->add_option("--sandbox-temp", flags->sandbox.temp, "Folder of temporary files")->group("");
  app->add_option("--sandbox", flags->sandbox.mode, "Open nothing else, and no network")
      ->check(CLI::IsMember({"off", "auto", "on"}))
      ->group("");
}

// The sandbox first: it has to hold the threads that follow.
m2tts::Status BecomeWorker(const WorkerFlags& flags) {
  M2TTS_RETURN_IF_ERROR(m2tts::EnterSandbox(flags.sandbox));
  if (!m2tts::SandboxReport().empty()) fmt::print(stderr, "{}\n", m2tts::SandboxReport());
  return flags.background ? m2tts::EnterBackground(flags.background_options) : m2tts::OkStatus();
}

int ExitCode(const m2tts::Status& status) {
  if (status.ok()) return 0;
  if (absl::IsInvalidArgument(status)) return 2;
  if (absl::IsAborted(status)) return 3;
  if (absl::IsUnavailable(status)) return 4;
  return absl::IsCancelled(status) ? 130 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Train, export, evaluate and try m2tts voices.", "m2tts-trainer");
  app.footer(kFooter);
  app.set_version_flag("--version", m2tts::VersionLine("m2tts-trainer", m2tts::TorchVersion()));
  app.require_subcommand(1);
  WorkerFlags flags;
  AddWorkerFlags(&app, &flags);
  m2tts::Action action;
  m2tts::AddTrainCommand(&app, &action);
  m2tts::AddExportCommand(&app, &action);
  m2tts::AddEvalCommand(&app, &action);
  m2tts::AddCompressCommand(&app, &action);
  m2tts::AddCheckCommand(&app, &action);
  m2tts::AddCorpusCommand(&app, &action);
  m2tts::AddReportCommand(&app, &action);
  m2tts::AddSelftestCommand(&app, &action);
  m2tts::AddSayCommand(&app, &action);
  m2tts::AddG2pCommand(&app, &action);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const int code = app.exit(error);
    return code == 0 ? 0 : 2;
  }
  m2tts::Status status = BecomeWorker(flags);
  if (status.ok()) status = action();
  if (!status.ok()) fmt::print(stderr, "m2tts-trainer: {}\n", std::string(status.message()));
  return ExitCode(status);
}
