// The command line of m2tts. One file per command under commands/; each adds its subcommand and, when
// that was asked for, leaves the function to run in CliContext::run.
#pragma once

#include <functional>
#include <istream>
#include <ostream>
#include <string>
#include <vector>

#include "client/exit_codes.h"
#include "client/interrupt.h"
#include "client/synthesis_client.h"

namespace CLI {
class App;
}

namespace m2tts {

// The world outside, so that tests can be it.
struct CliIo {
  std::istream* in;
  std::ostream* out;
  std::ostream* err;
  bool in_is_terminal = false;
  bool out_is_terminal = false;            // what is watched is drawn anew only then
  bool err_is_terminal = false;            // progress is shown only then
  InterruptWatcher* interrupts = nullptr;  // may be absent
};

// Of one run: the global options, and what the chosen command wants.
struct CliContext {
  CliIo io;
  ClientOptions client;
  bool json = false;
  std::function<ExitCode()> run;

  // Prints one clear line (and the details) on stderr, and the error as JSON with --json.
  ExitCode Fail(ExitCode code, const Status& status) const;
  // For an error of a call: also says what to do about it.
  ExitCode FailCall(const Status& status) const;
};

void AddSayCommand(CLI::App* app, CliContext* context);
void AddVoicesCommand(CLI::App* app, CliContext* context);
void AddVoiceControlCommands(CLI::App* voices, CliContext* context);
void AddAnalyzeCommand(CLI::App* app, CliContext* context);
void AddStatusCommand(CLI::App* app, CliContext* context);
void AddReloadCommand(CLI::App* app, CliContext* context);
void AddLogLevelCommand(CLI::App* app, CliContext* context);
void AddTrainCommand(CLI::App* app, CliContext* context);
void AddBenchCommand(CLI::App* app, CliContext* context);
void AddCompletionCommand(CLI::App* app, CliContext* context);

// Runs m2tts with the `given` arguments after its name, and returns its exit code.
int RunCli(const std::vector<std::string>& given, const CliIo& io);

}  // namespace m2tts
