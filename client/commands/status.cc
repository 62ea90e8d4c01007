// m2tts status: how the daemon is. The exit code is for scripts: 0 only when it serves.
#include <CLI/CLI.hpp>
#include <atomic>
#include <chrono>
#include <memory>
#include <thread>

#include "client/cli.h"
#include "client/json.h"
#include "client/training/job_text.h"

namespace m2tts {
namespace {

// Scripts that ask for a status want an answer, even a bad one.
constexpr double kDefaultTimeoutS = 10;

void PrintGovernor(const v1::GovernorStatus& governor, std::ostream& out) {
  out << "governor   heat " << governor.thermal_level();
  if (governor.has_celsius()) out << fmt::format(" ({:.0f} C)", governor.celsius());
  out << ", memory " << governor.memory_level();
  if (governor.has_available_bytes() && governor.has_limit_bytes()) {
    out << fmt::format(" ({:.1f} of {:.1f} GB free)", 1e-9 * static_cast<double>(governor.available_bytes()),
                       1e-9 * static_cast<double>(governor.limit_bytes()));
  }
  for (const auto& action : governor.actions())
    out << (&action == &governor.actions(0) ? "; " : ", ") << action;
  out << "\n";
}

void PrintJobs(const v1::JobsStatus& jobs, std::ostream& out) {
  out << fmt::format("jobs       {} queued, {} paused\n", jobs.queued(), jobs.paused());
  if (!jobs.has_current()) return;
  const v1::Job& job = jobs.current();
  const v1::JobProgress& progress = job.progress();
  out << fmt::format("job        {}  {}\n", job.id(),
                     StateLine(job.state(), job.pause_reason(), job.message()));
  if (progress.total_steps() == 0) return;
  out << fmt::format(
      "           {} {} {}/{}  loss {:.4f}  ETA {}\n", progress.stage(),
      ProgressBar(static_cast<double>(progress.step()) / static_cast<double>(progress.total_steps()), 20),
      progress.step(), progress.total_steps(), progress.loss(), DurationText(Seconds(progress.eta())));
}

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
  out << "\n";
  if (status.has_governor()) PrintGovernor(status.governor(), out);
  if (status.has_jobs()) PrintJobs(status.jobs(), out);
  out << std::flush;
}

// Draws the status anew until Ctrl-C, or until `count` times (0: for ever). A daemon that is away is
// waited for.
ExitCode WatchStatus(double interval, int count, const CliContext& context) {
  ClientOptions options = context.client;
  if (options.timeout_s == 0) options.timeout_s = kDefaultTimeoutS;
  SynthesisClient client(options);
  std::atomic<bool> stop{false};
  ScopedInterruptHandler on_interrupt(context.io.interrupts, [&] {
    stop = true;
    client.Cancel();
  });
  ExitCode code = kExitOk;
  for (int i = 0; !stop && (count == 0 || i < count); ++i) {
    const auto begin = std::chrono::steady_clock::now();
    const auto status = client.GetStatus();
    if (stop) break;
    if (!context.json && context.io.err_is_terminal) *context.io.out << "\033[H\033[J";
    if (!status.ok()) {
      if (i == 0 && count > 0) return context.FailCall(status.status());
      *context.io.out << "away: " << std::string(status.status().message()) << "\n" << std::flush;
    } else if (context.json) {
      *context.io.out << ToJson(*status).dump(-1, ' ', false, Json::error_handler_t::replace) << "\n"
                      << std::flush;
    } else {
      PrintStatus(*status, *context.io.out);
    }
    const bool serves = status.ok() && status->state() == v1::SERVER_STATE_SERVING;
    code = serves ? kExitOk : kExitNotServing;
    if (count != 0 && i + 1 == count) break;
    while (!stop && std::chrono::steady_clock::now() - begin < std::chrono::duration<double>(interval)) {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
  }
  return code;
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
  struct Options {
    bool watch = false;
    double interval = 1.0;
    int count = 0;
  };
  const auto options = std::make_shared<Options>();
  command->add_flag("--watch", options->watch, "Show it again and again: queue, job, heat, memory");
  command->add_option("--interval", options->interval, "Seconds between two looks")
      ->check(CLI::Range(0.1, 3600.0).description(""))
      ->capture_default_str();
  command->add_option("--count", options->count, "Looks of --watch; 0 = until Ctrl-C")
      ->check(CLI::Range(0, 1000000).description(""));
  command->callback([=] {
    context->run = [=] {
      return options->watch ? WatchStatus(options->interval, options->count, *context) : RunStatus(*context);
    };
  });
}

}  // namespace m2tts
