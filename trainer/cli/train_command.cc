#include <csignal>
#include <memory>

#include "core/base/install_paths.h"
#include "trainer/cli/commands.h"
#include "trainer/pipeline.h"
#include "trainer/worker/lease_client.h"
#include "trainer/worker/sandbox.h"

namespace m2tts {
namespace {

std::atomic<bool> stop_requested{false};

void RequestStop(int) {
  stop_requested = true;
}

struct TrainArguments {
  std::string config;
  std::string run;
  std::vector<std::string> stages;
  std::optional<double> max_minutes;
  std::optional<int64_t> max_steps;
  bool validate_only = false;
  int lease_fd = -1;
  int min_parts = 1;
};

// As a job of m2ttsd, which decides when steps may start, and looks after heat and memory.
Status RunAsJob(TrainConfig config, PipelineOptions options, int lease_fd) {
  M2TTS_ASSIGN_OR_RETURN(const auto lease, LeaseClient::Connect(lease_fd, &stop_requested));
  if (!SandboxReport().empty()) lease->OnMessage(SandboxReport());
  config.protection.enabled = false;
  options.gate = lease.get();
  options.sink = lease.get();
  Status status = RunPipeline(config, options);
  const std::string reason = lease->stop_reason();
  if (status.code() == StatusCode::kCancelled && !reason.empty()) status = Annotate(status, reason);
  lease->Done(status);
  return status;
}

Status Train(const TrainArguments& arguments) {
  M2TTS_ASSIGN_OR_RETURN(const TrainConfig config, LoadTrainConfig(arguments.config));
  if (arguments.validate_only) {
    fmt::print("{}: valid\n", arguments.config);
    return OkStatus();
  }
  PipelineOptions options;
  options.run = arguments.run.empty() ? "runs/" + config.name : arguments.run;
  options.lexicon = FindInstallPaths().lexicon;
  options.stop = &stop_requested;
  options.max_minutes = arguments.max_minutes;
  options.max_steps = arguments.max_steps;
  if (!arguments.stages.empty()) options.stages = {arguments.stages.begin(), arguments.stages.end()};
  std::signal(SIGINT, RequestStop);
  std::signal(SIGTERM, RequestStop);
  std::signal(SIGXFSZ, SIG_IGN);  // a file over its size limit is an error of write, like a full disk
  options.min_parts = arguments.min_parts;
  if (arguments.lease_fd >= 0) return RunAsJob(config, options, arguments.lease_fd);
  M2TTS_RETURN_IF_ERROR(RunPipeline(config, options));
  fmt::print("done: {}\nmake a voice of it: m2tts-trainer export {} -o voices/{}\n", options.run.string(),
             options.run.string(), config.name);
  return OkStatus();
}

}  // namespace

void AddTrainCommand(CLI::App* app, Action* action) {
  auto* command = app->add_subcommand("train", "Train a voice from a corpus, resuming where it stopped");
  auto arguments = std::make_shared<TrainArguments>();
  command->add_option("config", arguments->config, "Training config, e.g. configs/stage2_ljspeech.yaml")
      ->required();
  command->add_option("--run", arguments->run, "Folder for checkpoints and logs [runs/NAME]");
  command->add_option("--stages", arguments->stages, "Only these stages, in the pipeline's order")
      ->delimiter(',')
      ->check(CLI::IsMember({"aligner", "acoustic", "vocoder"}));
  command->add_option("--max-minutes", arguments->max_minutes, "Stop after this time, to go on later")
      ->check(CLI::PositiveNumber);
  command->add_option("--max-steps", arguments->max_steps, "Stop after this many steps, to go on later")
      ->check(CLI::PositiveNumber);
  command->add_flag("--validate-config", arguments->validate_only, "Check the config and stop");
  command
      ->add_option("--min-parts", arguments->min_parts,
                   "Pieces in which a batch is computed at least, for lack of memory")
      ->check(CLI::Range(1, 64));
  command->add_option("--lease-fd", arguments->lease_fd, "Socket of the m2ttsd whose job this is")->group("");
  command->callback([=] { *action = [=] { return Train(*arguments); }; });
}

}  // namespace m2tts
