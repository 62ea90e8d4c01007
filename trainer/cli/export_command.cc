#include "core/base/file.h"
#include "trainer/cli/commands.h"
#include "trainer/export/exporter.h"

namespace m2tts {
namespace {

struct ExportArguments {
  ExportOptions options;
  std::string metrics_file;
};

Status Export(ExportArguments arguments) {
  if (!arguments.metrics_file.empty()) {
    M2TTS_ASSIGN_OR_RETURN(arguments.options.metrics_json, ReadFile(arguments.metrics_file));
  }
  M2TTS_ASSIGN_OR_RETURN(const ExportReport report, ExportVoice(arguments.options));
  for (const std::string& message : report.messages) fmt::print(stderr, "warning: {}\n", message);
  fmt::print("{}\n", arguments.options.output.string());
  fmt::print("  vocoder           {}\n", report.vocoder);
  fmt::print("  parameters        {:.2f} M\n", report.parameters * 1e-6);
  fmt::print("  compute           {:.3f} GFLOP per second of audio\n", report.gflop_per_audio_second);
  fmt::print("  size              {:.2f} MB ({})\n", report.bytes * 1e-6, arguments.options.dtype);
  fmt::print("  steps             acoustic {}, vocoder {}\n", report.acoustic_steps, report.vocoder_steps);
  return OkStatus();
}

}  // namespace

void AddExportCommand(CLI::App* app, Action* action) {
  auto* command = app->add_subcommand("export", "Make a voice bundle from a run");
  auto arguments = std::make_shared<ExportArguments>();
  command->add_option("run", arguments->options.run, "Folder that `train` wrote")->required();
  command->add_option("-o,--output", arguments->options.output, "Voice folder to write")->required();
  command->add_option("--dtype", arguments->options.dtype, "Storage of the weights")
      ->check(CLI::IsMember({"fp32", "fp16", "int8"}))
      ->capture_default_str();
  command->add_flag("--best", arguments->options.best, "Take the best checkpoints instead of the newest");
  command->add_option("--metrics", arguments->metrics_file,
                      "JSON file of measured metrics for the provenance");
  command->callback([=] { *action = [=] { return Export(*arguments); }; });
}

}  // namespace m2tts
