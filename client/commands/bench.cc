// m2tts bench: how a daemon bears a load.
#include <CLI/CLI.hpp>
#include <memory>
#include <sstream>
#include <utility>

#include "client/audio_encodings.h"
#include "client/bench/load_generator.h"
#include "client/cli.h"
#include "client/commands/say_text.h"
#include "client/commands/speech_flags.h"
#include "client/finite_range.h"
#include "client/terminal.h"
#include "core/base/file.h"

namespace m2tts {
namespace {

// Of the length of what people ask for, without anything that is hard to read.
const char* const kTexts[] = {
    "Good morning.",
    "The quick brown fox jumps over the lazy dog.",
    "Please hold the line; somebody will be with you in a minute.",
    "Your order of the fourth of May has been sent, and should reach you on Friday.",
    "At the next crossing turn left, then follow the road along the river for two miles.",
    "It was a bright cold day in April, and the clocks were striking thirteen.",
    "The meeting was moved to half past ten, so that everybody who travels has time to arrive.",
    "Water the plants in the evening, when the sun is low, and never more than the soil can take.",
};

struct BenchFlags {
  SpeechFlags speech;
  std::string texts;      // file
  std::string lengths;    // "50,500"
  std::string encodings;  // "wav,opus", "all"
  std::optional<double> duration;
  std::optional<int64_t> requests;
  LoadOptions load;
};

StatusOr<std::vector<std::string>> ReadTexts(const std::string& file) {
  if (file.empty()) return std::vector<std::string>(std::begin(kTexts), std::end(kTexts));
  M2TTS_ASSIGN_OR_RETURN(const std::string content, ReadFile(file, kMaxTextBytes));
  std::vector<std::string> texts;
  std::istringstream lines(content);
  for (std::string line; std::getline(lines, line);) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    if (line.find_first_not_of(" \t") != std::string::npos) texts.push_back(line);
  }
  if (texts.empty()) return InvalidArgument("{}: there is no text in it", file);
  return texts;
}

StatusOr<std::vector<int>> ReadLengths(const std::string& list) {
  std::vector<int> lengths;
  std::istringstream parts(list);
  for (std::string part; std::getline(parts, part, ',');) {
    char* end = nullptr;
    const long length = std::strtol(part.c_str(), &end, 10);
    if (part.empty() || *end != '\0' || length < 1 || length > 1'000'000) {
      return InvalidArgument("--lengths: '{}' is not a number from 1 to 1000000", part);
    }
    lengths.push_back(static_cast<int>(length));
  }
  return lengths;
}

StatusOr<std::vector<v1::AudioEncoding>> ReadEncodings(const std::string& list) {
  std::vector<v1::AudioEncoding> encodings;
  std::istringstream parts(list == "all" ? "wav,pcm16,flac,f32,opus,mp3,mulaw,alaw" : list);
  for (std::string part; std::getline(parts, part, ',');) {
    const auto found = NamedEncodings().find(part);
    if (found == NamedEncodings().end()) return InvalidArgument("--encodings: '{}' is not an encoding", part);
    encodings.push_back(found->second);
  }
  return encodings;
}

StatusOr<LoadOptions> MakeLoad(const BenchFlags& flags) {
  constexpr double kDefaultSeconds = 10.0;
  LoadOptions load = flags.load;
  if (load.cancel_share + load.invalid_share > 1.0) {
    return InvalidArgument("--cancel and --invalid together are more than 1");
  }
  M2TTS_ASSIGN_OR_RETURN(load.request, ToSpeechRequest(flags.speech));
  M2TTS_ASSIGN_OR_RETURN(load.lengths, ReadLengths(flags.lengths));
  M2TTS_ASSIGN_OR_RETURN(load.encodings, ReadEncodings(flags.encodings));
  load.requests = flags.requests.value_or(0);
  load.seconds = flags.duration.value_or(flags.requests.has_value() ? 0.0 : kDefaultSeconds);
  return load;
}

ExitCode RunBench(const BenchFlags& flags, const CliContext& context) {
  auto load = MakeLoad(flags);
  if (!load.ok()) return context.Fail(kExitUsage, load.status());
  auto texts = ReadTexts(flags.texts);
  if (!texts.ok()) return context.Fail(kExitNoInput, texts.status());
  load->texts = *std::move(texts);

  LoadGenerator generator(context.client, *std::move(load));
  ScopedInterruptHandler on_interrupt(context.io.interrupts, [&generator] { generator.Cancel(); });
  const auto result = generator.Run();
  if (!result.ok()) return context.FailCall(result.status());
  // Without an answer there is nothing to report.
  if (result->ok() == 0 && result->errors() > 0) return context.FailCall(result->first_error());
  if (context.json) {
    PrintJson(result->ToJson(), *context.io.out);
  } else {
    *context.io.out << result->ToText() << std::flush;
  }
  if (result->errors() > 0) {
    *context.io.err << fmt::format("m2tts: {} of {} requests failed; the first: {}\n", result->errors(),
                                   result->calls(), Harmless(std::string(result->first_error().message())));
  }
  return kExitOk;
}

}  // namespace

void AddBenchCommand(CLI::App* app, CliContext* context) {
  auto flags = std::make_shared<BenchFlags>();
  LoadOptions& load = flags->load;
  load.warm_up = 5;
  CLI::App* command = app->add_subcommand("bench", "Put a load on the daemon and measure how it bears it");
  auto* rate =
      command->add_option("-r,--rate", load.rate, "Open loop: so many requests a second, at random times")
          ->check(FiniteRange(0.001, 100000.0))
          ->type_name("RATE");
  command->add_option("-c,--concurrency", load.concurrency, "Closed loop: so many requests at a time")
      ->capture_default_str()
      ->check(CLI::Range(1, 10000).description(""))
      ->type_name("COUNT")
      ->excludes(rate);
  command->add_option("-d,--duration", flags->duration, "Send for so long; default 10, without -n")
      ->check(FiniteRange(0.001, 1e6))
      ->type_name("SECONDS");
  command->add_option("-n,--requests", flags->requests, "Send so many requests")
      ->check(CLI::Range(int64_t{1}, int64_t{1'000'000'000}).description(""))
      ->type_name("COUNT");
  command->add_option("--warm-up", load.warm_up, "Requests before, which do not count")
      ->capture_default_str()
      ->check(CLI::Range(0, 100000).description(""))
      ->type_name("COUNT");
  command->add_option("-f,--file", flags->texts, "A text a line, in turn; default a few sentences")
      ->type_name("FILE");
  command
      ->add_option("--lengths", flags->lengths, "Put texts of these lengths together, at random: 50,500,5000")
      ->type_name("CHARACTERS,...");
  command->add_option("--cancel", load.cancel_share, "Share of requests to cancel on their way, 0 to 1")
      ->check(FiniteRange(0.0, 1.0))
      ->type_name("SHARE");
  command->add_option("--invalid", load.invalid_share, "Share of requests that must be refused as invalid")
      ->check(FiniteRange(0.0, 1.0))
      ->type_name("SHARE");
  command->add_option("--encodings", flags->encodings, "Encodings to choose among at random: wav,opus or all")
      ->type_name("NAME,...");
  command->add_option("--connections", load.connections, "Connections to spread the requests over")
      ->capture_default_str()
      ->check(CLI::Range(1, 1000).description(""))
      ->type_name("COUNT");
  command
      ->add_option("--idle-streams", load.idle_streams,
                   "Keep so many live answers open beside, that say nothing")
      ->check(CLI::Range(0, 100000).description(""))
      ->type_name("COUNT");
  command
      ->add_option("--metrics", load.metrics_address,
                   "The daemon's metrics_listen: adds what only it can measure (cancel to stop)")
      ->type_name("HOST:PORT");
  command->add_option("--load-seed", load.seed, "Of what is random: times, lengths, encodings, cancelling")
      ->capture_default_str()
      ->type_name("NUMBER");
  AddSpeechFlags(command, &flags->speech, "--sample-rate");
  command->footer(
      "Latency counts from the time at which a request was due (open loop) or sent (closed loop). An open "
      "loop\n"
      "is what many independent users are like: use it for questions of latency, at rates below the most "
      "that\n"
      "the daemon can do. A closed loop finds that most.\n"
      "Examples:\n"
      "  m2tts bench -r 20 -d 30                    20 requests a second for half a minute\n"
      "  m2tts bench -c 64 -n 1000                  the most that it can do with 64 clients\n"
      "  m2tts bench -r 200 -d 30                   overload: goodput, refusals, first audio of the "
      "accepted\n"
      "  m2tts bench -r 5 --lengths 50,500,5000 --cancel 0.1 --encodings all --json\n"
      "A refusal (RESOURCE_EXHAUSTED) is an answer, and no error; docs/cli.md explains the result.");
  command->callback(
      [context, flags] { context->run = [context, flags] { return RunBench(*flags, *context); }; });
}

}  // namespace m2tts
