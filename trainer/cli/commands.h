// The subcommands of m2tts-trainer: each adds itself to the parser, and leaves in
// `*action` what to run once the command line has been read.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>

#include "core/base/status.h"

namespace m2tts {

using Action = std::function<Status()>;

void AddTrainCommand(CLI::App* app, Action* action);
void AddExportCommand(CLI::App* app, Action* action);
void AddEvalCommand(CLI::App* app, Action* action);
void AddCompressCommand(CLI::App* app, Action* action);
void AddCheckCommand(CLI::App* app, Action* action);
void AddCorpusCommand(CLI::App* app, Action* action);
void AddReportCommand(CLI::App* app, Action* action);
void AddSelftestCommand(CLI::App* app, Action* action);
void AddSayCommand(CLI::App* app, Action* action);
void AddG2pCommand(CLI::App* app, Action* action);
void AddPhrasingCommand(CLI::App* app, Action* action);
void AddCompletionCommand(CLI::App* app, Action* action);

}  // namespace m2tts
