// m2tts voices load|unload|default|rescan, reload, log-level: changing a running daemon. They need a
// token with the role admin where the daemon asks for tokens.
#include <CLI/CLI.hpp>
#include <map>
#include <memory>
#include <utility>

#include "client/cli.h"
#include "client/json.h"
#include "client/terminal.h"

namespace m2tts {
namespace {

using AdminCall = std::function<grpc::Status(v1::Admin::Stub*, grpc::ClientContext*)>;

Status CallAdmin(const CliContext& context, const AdminCall& call) {
  SynthesisClient client(context.client);
  ScopedInterruptHandler on_interrupt(context.io.interrupts, [&client] { client.Cancel(); });
  return client.CallAdmin(call);
}

// What came of a call: lines for a person, or the same as JSON.
ExitCode Report(const CliContext& context, const Json& json, const std::string& lines) {
  if (context.json) {
    PrintJson(json, *context.io.out);
  } else {
    *context.io.out << HarmlessLines(lines) << std::flush;
  }
  return kExitOk;
}

template <typename Strings>
Json ListOf(const Strings& strings) {
  return std::vector<std::string>(strings.begin(), strings.end());
}

template <typename Strings>
std::string Lines(const char* what, const Strings& strings) {
  std::string lines;
  for (const auto& text : strings) lines += std::string(what) + " " + text + "\n";
  return lines;
}

ExitCode RunLoad(const std::string& name, const CliContext& context) {
  v1::LoadVoiceRequest request;
  request.set_name(name);
  v1::LoadVoiceResponse response;
  const Status status = CallAdmin(context, [&](v1::Admin::Stub* stub, grpc::ClientContext* call) {
    return stub->LoadVoice(call, request, &response);
  });
  // A damaged bundle is the daemon's refusal, and no fault of ours.
  if (status.code() == StatusCode::kDataLoss) return context.Fail(kExitRefused, status);
  if (!status.ok()) return context.FailCall(status);
  return Report(context, {{"loaded", name}, {"unloaded", ListOf(response.unloaded())}},
                "loaded " + name + "\n" + Lines("unloaded, to make room:", response.unloaded()));
}

ExitCode RunUnload(const std::string& name, const CliContext& context) {
  v1::UnloadVoiceRequest request;
  request.set_name(name);
  const Status status = CallAdmin(context, [&](v1::Admin::Stub* stub, grpc::ClientContext* call) {
    v1::UnloadVoiceResponse response;
    return stub->UnloadVoice(call, request, &response);
  });
  if (!status.ok()) return context.FailCall(status);
  return Report(context, {{"unloaded", name}}, "unloaded " + name + "\n");
}

ExitCode RunDefault(const std::string& name, const CliContext& context) {
  v1::SetDefaultVoiceRequest request;
  request.set_name(name);
  const Status status = CallAdmin(context, [&](v1::Admin::Stub* stub, grpc::ClientContext* call) {
    v1::SetDefaultVoiceResponse response;
    return stub->SetDefaultVoice(call, request, &response);
  });
  if (!status.ok()) return context.FailCall(status);
  return Report(context, {{"default_voice", name}}, name + " is the default voice\n");
}

// Exits with 65 when a bundle could not be loaded, so that scripts notice.
ExitCode RunRescan(const CliContext& context) {
  v1::RescanVoicesResponse response;
  const Status status = CallAdmin(context, [&](v1::Admin::Stub* stub, grpc::ClientContext* call) {
    return stub->RescanVoices(call, {}, &response);
  });
  if (!status.ok()) return context.FailCall(status);
  Json failed = Json::object();
  for (const auto& failure : response.failed()) failed[failure.name()] = failure.error();
  std::string lines = Lines("added", response.added()) + Lines("changed", response.changed()) +
                      Lines("removed", response.removed());
  if (lines.empty() && failed.empty()) lines = "nothing has changed\n";
  Report(context,
         {{"added", ListOf(response.added())},
          {"changed", ListOf(response.changed())},
          {"removed", ListOf(response.removed())},
          {"failed", failed}},
         lines);
  for (const auto& failure : response.failed()) {
    *context.io.err << Harmless("m2tts: " + failure.name() + ": " + failure.error()) << "\n";
  }
  return response.failed().empty() ? kExitOk : kExitRefused;
}

// Exits with 65 when something could not be read, so that scripts notice.
ExitCode RunReload(const CliContext& context) {
  v1::ReloadResponse response;
  const Status status = CallAdmin(context, [&](v1::Admin::Stub* stub, grpc::ClientContext* call) {
    return stub->Reload(call, {}, &response);
  });
  if (!status.ok()) return context.FailCall(status);
  std::string lines =
      Lines("changed", response.changed()) + Lines("needs a restart:", response.needs_restart());
  Json failed = Json::object();
  for (const auto& failure : response.failed()) failed[failure.what()] = failure.error();
  if (lines.empty() && failed.empty()) lines = "nothing has changed\n";
  Report(context,
         {{"changed", ListOf(response.changed())},
          {"needs_restart", ListOf(response.needs_restart())},
          {"failed", failed}},
         lines);
  for (const auto& failure : response.failed()) {
    *context.io.err << Harmless("m2tts: " + failure.what() + " stays as it was: " + failure.error()) << "\n";
  }
  return response.failed().empty() ? kExitOk : kExitRefused;
}

const std::map<std::string, v1::LogLevel> kLevels = {{"debug", v1::LOG_LEVEL_DEBUG},
                                                     {"info", v1::LOG_LEVEL_INFO},
                                                     {"warning", v1::LOG_LEVEL_WARNING},
                                                     {"error", v1::LOG_LEVEL_ERROR}};

std::string LevelName(v1::LogLevel level) {
  for (const auto& [name, value] : kLevels) {
    if (value == level) return name;
  }
  return "unknown";
}

ExitCode RunLogLevel(const std::string& level, const CliContext& context) {
  v1::SetLogLevelRequest request;
  request.set_level(kLevels.at(level));
  v1::SetLogLevelResponse response;
  const Status status = CallAdmin(context, [&](v1::Admin::Stub* stub, grpc::ClientContext* call) {
    return stub->SetLogLevel(call, request, &response);
  });
  if (!status.ok()) return context.FailCall(status);
  const std::string previous = LevelName(response.previous());
  return Report(context, {{"level", level}, {"previous", previous}},
                "the log level is " + level + " now, was " + previous + "\n");
}

// A subcommand with the name of a voice.
void AddVoiceCommand(CLI::App* voices, CliContext* context, const char* command, const char* help,
                     ExitCode (*run)(const std::string&, const CliContext&)) {
  auto name = std::make_shared<std::string>();
  CLI::App* const app = voices->add_subcommand(command, help);
  app->add_option("name", *name, "Name of the voice")->required();
  app->callback(
      [context, name, run] { context->run = [context, name, run] { return run(*name, *context); }; });
}

}  // namespace

void AddVoiceControlCommands(CLI::App* voices, CliContext* context) {
  voices->require_subcommand(0, 1);
  AddVoiceCommand(voices, context, "load", "Load a voice of the daemon's folder, or load it again", &RunLoad);
  AddVoiceCommand(voices, context, "unload", "Unload a voice; running requests finish with it", &RunUnload);
  AddVoiceCommand(voices, context, "default", "Make a voice the one of requests that name none", &RunDefault);
  voices->add_subcommand("rescan", "Load new and changed voices, unload removed ones")->callback([context] {
    context->run = [context] { return RunRescan(*context); };
  });
}

void AddReloadCommand(CLI::App* app, CliContext* context) {
  CLI::App* const command = app->add_subcommand(
      "reload", "Make the daemon read configuration, tokens, certificates and lexicons again");
  command->callback([context] { context->run = [context] { return RunReload(*context); }; });
}

void AddLogLevelCommand(CLI::App* app, CliContext* context) {
  auto level = std::make_shared<std::string>();
  CLI::App* const command = app->add_subcommand("log-level", "Change how much the daemon logs");
  command->add_option("level", *level, "debug, info, warning or error")
      ->required()
      ->check(CLI::IsMember({"debug", "info", "warning", "error"}).description(""));
  command->callback(
      [context, level] { context->run = [context, level] { return RunLogLevel(*level, *context); }; });
}

}  // namespace m2tts
