// m2tts-trainer: makes voices. See `m2tts-trainer --help`.

#include <cerrno>
#include <cstdio>

#include "core/base/file.h"
#include "core/base/version.h"
#include "core/device/guard.h"
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
    "Exit codes: 0 done, 1 failed, or a file is damaged, 2 wrong usage, or a config, corpus, voice or "
    "program\n"
    "that is missing or not valid; and, with a checkpoint from which the same command goes on: 3 "
    "--max-minutes\n"
    "or --max-steps spent, 4 heat or memory critical, or another process of the run gone, 130 interrupted.\n";

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

// What was printed has to arrive: the disk under standard output may be full.
m2tts::Status FlushOutput() {
  errno = 0;
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return m2tts::OkStatus();
  if (errno != 0) return m2tts::ErrnoStatus("standard output", "write", errno);
  return m2tts::Internal("standard output: cannot write all of it");  // the reason is gone
}

int ExitCode(const m2tts::Status& status) {
  if (status.ok()) return 0;
  if (absl::IsInvalidArgument(status) || absl::IsNotFound(status)) return 2;
  if (absl::IsAborted(status)) return 3;
  if (absl::IsUnavailable(status)) return 4;
  return absl::IsCancelled(status) ? 130 : 1;
}

// Says what went wrong, and returns the exit code.
int Finish(const m2tts::Status& status) {
  const m2tts::Status output = FlushOutput();
  for (const m2tts::Status& failure : {status, output}) {
    if (!failure.ok()) fmt::print(stderr, "m2tts-trainer: {}\n", std::string(failure.message()));
  }
  return ExitCode(status.ok() ? output : status);
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
  m2tts::AddPhrasingCommand(&app, &action);
  m2tts::AddCompletionCommand(&app, &action);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? Finish(m2tts::OkStatus()) : 2;
  }
  m2tts::Status status = BecomeWorker(flags);
  // Printing throws when it cannot write, and so do some calls of the standard library.
  if (status.ok()) status = m2tts::Guard("unexpected error", action);
  return Finish(status);
}
