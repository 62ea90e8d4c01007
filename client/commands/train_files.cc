// m2tts train logs, listen, artifacts: what a job has made.
#include <CLI/CLI.hpp>
#include <memory>

#include "client/audio_sink.h"
#include "client/commands/train.h"
#include "client/json.h"
#include "client/terminal.h"
#include "client/training/follow_job.h"
#include "client/training/job_text.h"

namespace m2tts {
namespace {

ExitCode Download(const std::string& id, const std::string& name, std::unique_ptr<AudioSink> sink,
                  TrainingClient* client, const CliContext& context) {
  Status written;
  Status status = client->GetArtifact(id, name, [&](std::string_view bytes) {
    written = sink->Write(bytes);
    return written;
  });
  if (status.ok()) status = written = sink->Finish();
  if (!written.ok()) return context.Fail(kExitOutput, written);
  return status.ok() ? kExitOk : context.FailCall(status);
}

struct ArtifactOptions {
  std::string id, name, output;
};

ExitCode RunArtifacts(const ArtifactOptions& options, const CliContext& context) {
  return WithTrainingClient(context, [&](TrainingClient* client) {
    if (!options.name.empty()) {
      const std::string target =
          options.output.empty() ? std::filesystem::path(options.name).filename().string() : options.output;
      if (target == "-")
        return Download(options.id, options.name, MakeStreamSink(context.io.out), client, context);
      auto file = OpenFileSink(target, /*is_wav=*/false);
      if (!file.ok()) return context.Fail(kExitOutput, file.status());
      return Download(options.id, options.name, *std::move(file), client, context);
    }
    const auto artifacts = client->ListArtifacts(options.id);
    if (!artifacts.ok()) return context.FailCall(artifacts.status());
    if (context.json) {
      Json array = Json::array();
      for (const auto& artifact : *artifacts) array.push_back(ToJson(artifact));
      PrintJson({{"artifacts", array}}, *context.io.out);
      return kExitOk;
    }
    for (const auto& artifact : *artifacts) {
      *context.io.out << fmt::format("{:>12}  {}  {}\n", artifact.size_bytes(),
                                     Harmless(artifact.sha256().substr(0, 12)), Harmless(artifact.name()));
    }
    context.io.out->flush();
    return kExitOk;
  });
}

struct ListenOptions {
  std::string id, output;
};

ExitCode RunListen(const ListenOptions& options, const CliContext& context) {
  return WithTrainingClient(context, [&](TrainingClient* client) {
    const auto job = client->Get(options.id);
    if (!job.ok()) return context.FailCall(job.status());
    const std::string& sample = job->progress().last_sample();
    if (sample.empty()) {
      return context.Fail(
          kExitRefused,
          NotFound("job {} has made no audio yet; samples_every of a stage says when", options.id));
    }
    if (!context.json) *context.io.err << Harmless(sample) << "\n" << std::flush;
    auto sink = options.output.empty()  ? OpenPlayerSink()
                : options.output == "-" ? StatusOr<std::unique_ptr<AudioSink>>(MakeStreamSink(context.io.out))
                                        : OpenFileSink(options.output, /*is_wav=*/false);
    if (!sink.ok())
      return context.Fail(options.output.empty() ? kExitUnavailable : kExitOutput, sink.status());
    const ExitCode code = Download(options.id, sample, *std::move(sink), client, context);
    if (code == kExitOk && context.json && options.output != "-") {
      PrintJson({{"id", options.id}, {"sample", sample}}, *context.io.out);
    }
    return code;
  });
}

struct LogOptions {
  std::string id;
  bool follow = false;
};

ExitCode RunLogs(const LogOptions& options, const CliContext& context) {
  return WithTrainingClient(context, [&](TrainingClient* client) {
    FollowOptions follow;
    follow.json_lines = context.json;
    follow.only_log = true;
    follow.until_now = !options.follow;
    return FollowJob(options.id, follow, client, context);
  });
}

}  // namespace

void AddTrainFiles(CLI::App* train, CliContext* context) {
  const auto logs = std::make_shared<LogOptions>();
  CLI::App* command = train->add_subcommand("logs", "Print the lines of a job's log");
  AddJobArgument(command, &logs->id);
  command->add_flag("-f,--follow", logs->follow,
                    "Go on until the job has ended; the exit code is its result");
  command->callback([=] { context->run = [=] { return RunLogs(*logs, *context); }; });

  const auto listen = std::make_shared<ListenOptions>();
  command = train->add_subcommand("listen", "Play the newest audio that a job has made of a held-out clip");
  AddJobArgument(command, &listen->id);
  command->add_option("-o,--output", listen->output, "Write it to FILE instead; - is standard output")
      ->type_name("FILE");
  command->callback([=] { context->run = [=] { return RunListen(*listen, *context); }; });

  const auto artifacts = std::make_shared<ArtifactOptions>();
  command = train->add_subcommand("artifacts", "List the files of a job, or download one");
  AddJobArgument(command, &artifacts->id);
  command->add_option("name", artifacts->name, "File to download");
  command->add_option("-o,--output", artifacts->output, "Where to [its name, here]; - is standard output")
      ->type_name("FILE");
  command->callback([=] { context->run = [=] { return RunArtifacts(*artifacts, *context); }; });
}

}  // namespace m2tts
