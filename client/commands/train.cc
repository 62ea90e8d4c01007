// m2tts train list, show, watch, pause, resume, cancel, update, publish, rollback, delete.
#include "client/commands/train.h"

#include <CLI/CLI.hpp>
#include <ctime>
#include <memory>
#include <optional>
#include <sstream>

#include "client/json.h"
#include "client/terminal.h"
#include "client/training/follow_job.h"
#include "client/training/job_text.h"
#include "client/training/progress_line.h"

namespace m2tts {
namespace {

// Calls that change a job return it.
ExitCode ShowJob(const StatusOr<v1::Job>& job, const CliContext& context) {
  if (!job.ok()) return context.FailCall(job.status());
  if (context.json) {
    PrintJson(ToJson(*job), *context.io.out);
  } else {
    *context.io.out << fmt::format("{}  {}\n", Harmless(job->id()),
                                   StateLine(job->state(), job->pause_reason(), job->message()))
                    << std::flush;
  }
  return kExitOk;
}

std::string TimeText(const google::protobuf::Timestamp& time) {
  const auto seconds = static_cast<std::time_t>(time.seconds());
  std::tm local{};
  localtime_r(&seconds, &local);
  char text[32];
  std::strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &local);
  return text;
}

std::string ProgressText(const v1::JobProgress& progress) {
  if (progress.total_steps() == 0) return progress.stage();
  return fmt::format("{} {}/{}", progress.stage(), progress.step(), progress.total_steps());
}

void PrintJob(const v1::Job& job, std::ostream& terminal) {
  std::ostringstream out;
  const v1::JobProgress& progress = job.progress();
  out << fmt::format("id         {}\n", job.id())
      << fmt::format("state      {}\n", StateLine(job.state(), job.pause_reason(), job.message()))
      << fmt::format("kind       {}\n", JobKindText(job.spec().kind()))
      << fmt::format("dataset    {}\n", job.spec().dataset())
      << fmt::format("voice      {}{}\n",
                     job.spec().voice_name().empty() ? job.id() : job.spec().voice_name(),
                     job.published_voice().empty() ? "" : ", published as " + job.published_voice())
      << fmt::format("priority   {}\n", job.priority()) << fmt::format("attempt    {}\n", job.attempt());
  if (!progress.stage().empty()) {
    out << fmt::format("progress   {}\n", ProgressLine(progress, {}, std::string::npos));
  }
  for (const auto& [name, value] : job.labels()) out << fmt::format("label      {}={}\n", name, value);
  for (const auto& transition : job.history()) {
    out << fmt::format("  {}  {:<9}  {}\n", TimeText(transition.time()), JobStateText(transition.to()),
                       transition.reason());
  }
  terminal << HarmlessLines(out.str()) << std::flush;
}

ExitCode RunList(const std::vector<std::string>& states, int limit, const CliContext& context) {
  std::vector<v1::JobState> wanted;
  for (std::string state : states) {
    for (char& c : state) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    v1::JobState value = v1::JOB_STATE_UNSPECIFIED;
    if (!v1::JobState_Parse("JOB_STATE_" + state, &value)) {
      return context.Fail(kExitUsage, InvalidArgument("--state: '{}' is no state of a job", state));
    }
    wanted.push_back(value);
  }
  return WithTrainingClient(context, [&](TrainingClient* client) {
    const auto jobs = client->List(wanted, limit);
    if (!jobs.ok()) return context.FailCall(jobs.status());
    if (context.json) {
      Json array = Json::array();
      for (const auto& job : *jobs) array.push_back(ToJson(job));
      PrintJson({{"jobs", array}}, *context.io.out);
      return kExitOk;
    }
    for (const auto& job : *jobs) {
      const std::string state = JobStateText(job.state()) +
                                (job.pause_reason() == 0 ? "" : " " + PauseReasonText(job.pause_reason()));
      *context.io.out << fmt::format("{:<28} {:<16} {:<10} {:<20} {}\n", Harmless(job.id()), state,
                                     JobKindText(job.spec().kind()), Harmless(ProgressText(job.progress())),
                                     TimeText(job.create_time()));
    }
    context.io.out->flush();
    return kExitOk;
  });
}

void AddList(CLI::App* train, CliContext* context) {
  struct Options {
    std::vector<std::string> states;
    int limit = 50;
  };
  const auto options = std::make_shared<Options>();
  CLI::App* command = train->add_subcommand("list", "List jobs, newest first");
  command->add_option("--state", options->states, "Only jobs in this state; may be repeated")
      ->type_name("STATE");
  command->add_option("--limit", options->limit, "At most so many; 0 = all")->capture_default_str();
  command->callback(
      [=] { context->run = [=] { return RunList(options->states, options->limit, *context); }; });
}

void AddShow(CLI::App* train, CliContext* context) {
  const auto id = std::make_shared<std::string>();
  CLI::App* command = train->add_subcommand("show", "Show a job with its history");
  AddJobArgument(command, id.get());
  command->callback([=] {
    context->run = [=] {
      return WithTrainingClient(*context, [&](TrainingClient* client) {
        const auto job = client->Get(*id);
        if (!job.ok() || context->json) return ShowJob(job, *context);
        PrintJob(*job, *context->io.out);
        return kExitOk;
      });
    };
  });
}

void AddWatch(CLI::App* train, CliContext* context) {
  struct Options {
    std::string id;
    int64_t from = 1;
  };
  const auto options = std::make_shared<Options>();
  CLI::App* command = train->add_subcommand("watch", "Follow a job to its end; the exit code is its result");
  AddJobArgument(command, &options->id);
  command->add_option("--from", options->from, "First event to show; 1 = all")->capture_default_str();
  command->footer("Ctrl-C detaches; the job goes on. With --json each event is a line.");
  command->callback([=] {
    context->run = [=] {
      return WithTrainingClient(*context, [&](TrainingClient* client) {
        FollowOptions follow;
        follow.from_sequence = options->from;
        follow.json_lines = context->json;
        return FollowJob(options->id, follow, client, *context);
      });
    };
  });
}

// A command that only names a job and changes it.
void AddChange(CLI::App* train, CliContext* context, const char* name, const char* help,
               StatusOr<v1::Job> (TrainingClient::*change)(const std::string&)) {
  const auto id = std::make_shared<std::string>();
  CLI::App* command = train->add_subcommand(name, help);
  AddJobArgument(command, id.get());
  command->callback([=] {
    context->run = [=] {
      return WithTrainingClient(
          *context, [&](TrainingClient* client) { return ShowJob((client->*change)(*id), *context); });
    };
  });
}

void AddUpdate(CLI::App* train, CliContext* context) {
  struct Options {
    std::string id;
    std::optional<int> priority;
  };
  const auto options = std::make_shared<Options>();
  CLI::App* command = train->add_subcommand("update", "Change the priority of a job");
  AddJobArgument(command, &options->id);
  command->add_option("--priority", options->priority, "-100 to 100; higher runs first")->required();
  command->callback([=] {
    context->run = [=] {
      return WithTrainingClient(*context, [&](TrainingClient* client) {
        v1::UpdateJobRequest request;
        request.set_job_id(options->id);
        request.set_priority(*options->priority);
        return ShowJob(client->Update(request), *context);
      });
    };
  });
}

void AddPublish(CLI::App* train, CliContext* context) {
  const auto request = std::make_shared<v1::PublishVoiceRequest>();
  struct Options {
    std::string id, voice;
    bool make_default = false;
  };
  const auto options = std::make_shared<Options>();
  CLI::App* command = train->add_subcommand("publish", "Make a job's voice available, without a restart");
  AddJobArgument(command, &options->id);
  command->add_option("--voice", options->voice, "Name of the voice [as submitted]")->type_name("NAME");
  command->add_flag("--default", options->make_default, "Also make it the voice of requests that name none");
  command->callback([=] {
    context->run = [=] {
      return WithTrainingClient(*context, [&](TrainingClient* client) {
        request->set_job_id(options->id);
        request->set_voice_name(options->voice);
        request->set_make_default(options->make_default);
        const auto published = client->Publish(*request);
        if (!published.ok()) return context->FailCall(published.status());
        if (context->json) {
          PrintJson({{"voice_name", published->voice_name()}, {"version", published->version()}},
                    *context->io.out);
        } else {
          *context->io.out << fmt::format("{} version {}\n", Harmless(published->voice_name()),
                                          published->version())
                           << std::flush;
        }
        return kExitOk;
      });
    };
  });
}

void AddRollback(CLI::App* train, CliContext* context) {
  const auto voice = std::make_shared<std::string>();
  CLI::App* command = train->add_subcommand("rollback", "Put the previous version of a voice back");
  command->add_option("voice", *voice, "Name of the voice")->required();
  command->callback([=] {
    context->run = [=] {
      return WithTrainingClient(*context, [&](TrainingClient* client) {
        const auto rolled = client->Rollback(*voice);
        if (!rolled.ok()) return context->FailCall(rolled.status());
        if (context->json) {
          PrintJson({{"voice_name", *voice}, {"version", rolled->version()}}, *context->io.out);
        } else {
          *context->io.out << fmt::format("{} version {}\n", *voice, rolled->version()) << std::flush;
        }
        return kExitOk;
      });
    };
  });
}

void AddDelete(CLI::App* train, CliContext* context) {
  const auto id = std::make_shared<std::string>();
  CLI::App* command = train->add_subcommand("delete", "Remove a job that has ended, with its files");
  AddJobArgument(command, id.get());
  command->callback([=] {
    context->run = [=] {
      return WithTrainingClient(*context, [&](TrainingClient* client) {
        const Status status = client->Delete(*id);
        if (!status.ok()) return context->FailCall(status);
        if (context->json) PrintJson({{"id", *id}, {"deleted", true}}, *context->io.out);
        return kExitOk;
      });
    };
  });
}

}  // namespace

ExitCode WithTrainingClient(const CliContext& context, const std::function<ExitCode(TrainingClient*)>& run) {
  TrainingClient client(context.client);
  ScopedInterruptHandler on_interrupt(context.io.interrupts, [&client] { client.Cancel(); });
  return run(&client);
}

void AddJobArgument(CLI::App* command, std::string* id) {
  command->add_option("job", *id, "Id of the job; 'm2tts train list' lists them")
      ->required()
      ->type_name("JOB");
}

void AddTrainCommand(CLI::App* app, CliContext* context) {
  CLI::App* train = app->add_subcommand("train", "Background jobs: train voices while the device is idle");
  train->require_subcommand(1);
  train->fallthrough();
  AddTrainSubmit(train, context);
  AddList(train, context);
  AddShow(train, context);
  AddWatch(train, context);
  AddChange(train, context, "pause", "Pause a job, after a checkpoint", &TrainingClient::Pause);
  AddChange(train, context, "resume", "Let a paused job go on", &TrainingClient::Resume);
  AddChange(train, context, "cancel", "End a job, after a last checkpoint", &TrainingClient::CancelJob);
  AddUpdate(train, context);
  AddTrainFiles(train, context);
  AddPublish(train, context);
  AddRollback(train, context);
  AddDelete(train, context);
  train->footer("The whole story: docs/jobs.md. 'm2tts train submit --help' shows examples.");
}

}  // namespace m2tts
