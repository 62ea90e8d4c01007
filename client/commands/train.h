// m2tts train: background jobs. train.cc adds the subcommands; the larger ones have files of their own.
#pragma once

#include "client/cli.h"
#include "client/training_client.h"

namespace m2tts {

void AddTrainSubmit(CLI::App* train, CliContext* context);
void AddTrainFiles(CLI::App* train, CliContext* context);  // logs, listen, artifacts

// Runs with a client that Ctrl-C cancels.
ExitCode WithTrainingClient(const CliContext& context, const std::function<ExitCode(TrainingClient*)>& run);

// A positional argument JOB.
void AddJobArgument(CLI::App* command, std::string* id);

}  // namespace m2tts
