// m2tts status: how the daemon is. The exit code is for scripts: 0 only when it serves.
#include <CLI/CLI.hpp>

#include "client/cli.h"
#include "client/json.h"

namespace m2tts {
namespace {

// Scripts that ask for a status want an answer, even a bad one.
constexpr double kDefaultTimeoutS = 10;

void PrintStatus(const v1::ServerStatus& status, std::ostream& out) {
  const auto& device = status.device();
  const auto& queue = status.queue();
  out << fmt::format("state      {}\n", ServerStateName(status.state()))
      << fmt::format("version    {} (commit {}, LibTorch {})\n", status.version(), status.commit(),
                     status.torch_version())
      << fmt::format("uptime     {:.0f} s\n", Seconds(status.uptime()))
      << fmt::format("device     {} ({}), {} {}\n", device.device(), device.reason(), device.cpu_threads(),
                     device.cpu_threads() == 1 ? "thread" : "threads")
      << fmt::format("memory     {:.0f} MB\n", 1e-6 * static_cast<double>(status.resident_bytes()))
      << fmt::format("queue      {} of {} requests, {:.1f} of {:.0f} s of audio\n", queue.requests(),
                     queue.max_requests(), queue.audio_seconds(), queue.max_audio_seconds())
      << fmt::format("done       {} requests, {:.1f} s of audio, real-time factor {:.4f}\n",
                     status.requests_total(), status.audio_seconds_total(), queue.real_time_factor())
      << "voices    ";
  for (const auto& voice : status.voices())
    out << " " << voice << (voice == status.default_voice() ? "*" : "");
  out << "\n" << std::flush;
}

ExitCode RunStatus(const CliContext& context) {
  ClientOptions options = context.client;
  if (options.timeout_s == 0) options.timeout_s = kDefaultTimeoutS;
  SynthesisClient client(options);
  ScopedInterruptHandler on_interrupt(context.io.interrupts, [&client] { client.Cancel(); });
  const auto status = client.GetStatus();
  if (!status.ok()) return context.FailCall(status.status());
  if (context.json) {
    PrintJson(ToJson(*status), *context.io.out);
  } else {
    PrintStatus(*status, *context.io.out);
  }
  return status->state() == v1::SERVER_STATE_SERVING ? kExitOk : kExitNotServing;
}

}  // namespace

void AddStatusCommand(CLI::App* app, CliContext* context) {
  CLI::App* command = app->add_subcommand("status", "Show how the daemon is; exits 0 only when it serves");
  command->callback([context] { context->run = [context] { return RunStatus(*context); }; });
}

}  // namespace m2tts
