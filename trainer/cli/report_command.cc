#include "core/base/file.h"
#include "trainer/cli/commands.h"
#include "trainer/monitor/run_report.h"

namespace m2tts {
namespace {

struct ReportArguments {
  std::string run;
  std::string output;
  double megabytes = 24;
};

Status Report(const ReportArguments& arguments) {
  const std::filesystem::path run = arguments.run;
  const std::filesystem::path output =
      arguments.output.empty() ? run / "report.html" : std::filesystem::path(arguments.output);
  RunReportOptions options;
  options.max_media_bytes = static_cast<int64_t>(arguments.megabytes * 1e6);
  M2TTS_ASSIGN_OR_RETURN(const RunReport report, MakeRunReport(run, options));
  for (const std::string& warning : report.warnings) fmt::print(stderr, "warning: {}\n", warning);
  M2TTS_RETURN_IF_ERROR(WriteFileAtomic(output, report.html));
  fmt::print("{}: {:.1f} MB\n", output.string(), static_cast<double>(report.html.size()) / 1e6);
  return OkStatus();
}

}  // namespace

void AddReportCommand(CLI::App* app, Action* action) {
  auto* command =
      app->add_subcommand("report", "One HTML file of a run: curves, pictures, sounds, config, checkpoints");
  auto arguments = std::make_shared<ReportArguments>();
  command->add_option("run", arguments->run, "Folder of the run, e.g. runs/en_US-lj")->required();
  command->add_option("-o,--output", arguments->output, "HTML file to write [RUN/report.html]");
  command->add_option("--max-media-mb", arguments->megabytes, "Pictures and sounds to embed at most, in MB")
      ->check(CLI::Range(0.0, 2000.0))
      ->capture_default_str();
  command->callback([=] { *action = [=] { return Report(*arguments); }; });
}

}  // namespace m2tts
