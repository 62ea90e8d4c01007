// m2tts status: how the daemon is. The exit code is for scripts: 0 only when it serves.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <atomic>
#include <chrono>
#include <memory>
#include <thread>

#include "client/cli.h"
#include "client/commands/status_text.h"
#include "client/finite_range.h"
#include "client/json.h"
#include "client/terminal.h"

namespace m2tts {
namespace {

// Scripts that ask for a status want an answer, even a bad one.
constexpr double kDefaultTimeoutS = 10;

// Shows the status until Ctrl-C, or `count` times (0: for ever): drawn anew on a terminal, elsewhere one
// after the other with an empty line between. A daemon that is away is waited for.
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
    if (!status.ok() && i == 0 && count > 0) return context.FailCall(status.status());
    if (context.json) {
      const Json json = status.ok() ? ToJson(*status) : ErrorToJson(status.status());
      *context.io.out << json.dump(-1, ' ', false, Json::error_handler_t::replace) << "\n" << std::flush;
    } else {
      const bool drawn = context.io.out_is_terminal;
      const size_t columns = drawn ? static_cast<size_t>(TerminalColumns(STDOUT_FILENO)) : std::string::npos;
      *context.io.out << (drawn   ? "\033[H\033[J"
                          : i > 0 ? "\n"
                                  : "")
                      << (status.ok() ? StatusText(*status, columns)
                                      : "away: " + std::string(status.status().message()) + "\n")
                      << std::flush;
    }
    if (!context.io.out->good()) return kExitOutput;  // nobody reads any more
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
    *context.io.out << StatusText(*status) << std::flush;
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
  command->add_flag("--watch", options->watch, "Show it again and again: queue, streams, job, heat, memory");
  command->add_option("--interval", options->interval, "Seconds between two looks")
      ->check(FiniteRange(0.1, 3600.0))
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
