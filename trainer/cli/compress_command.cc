#include "core/base/install_paths.h"
#include "core/device/runtime.h"
#include "core/voice/voice_bundle.h"
#include "trainer/cli/commands.h"
#include "trainer/export/compressor.h"

namespace m2tts {
namespace {

struct CompressArguments {
  CompressOptions options;
  std::string data;
  int limit = 20;
  bool json = false;
};

// Where the corpus names speakers, the clips of the one who speaks.
StatusOr<std::vector<EvalItem>> Recordings(const CompressArguments& arguments) {
  M2TTS_ASSIGN_OR_RETURN(const VoiceBundle voice, LoadVoiceBundle(arguments.options.voice));
  std::string speaker = arguments.options.speaker;
  if (speaker.empty() && voice.manifest.speakers.size() > 1) speaker = voice.manifest.speakers.front();
  return ReadEvalItems(arguments.data, arguments.limit, speaker);
}

Status Compress(CompressArguments arguments) {
  ConfigureCpuThreads(1);
  arguments.options.lexicon = FindInstallPaths().lexicon;
  if (!arguments.data.empty()) {
    M2TTS_ASSIGN_OR_RETURN(arguments.options.recordings, Recordings(arguments));
  }
  M2TTS_ASSIGN_OR_RETURN(const CompressReport report, CompressVoice(arguments.options));
  fmt::print("{}", arguments.json ? FormatCompressJson(report) : FormatCompressTable(report));
  return OkStatus();
}

}  // namespace

void AddCompressCommand(CLI::App* app, Action* action) {
  auto* command = app->add_subcommand(
      "compress", "Store a voice in fewer bits; prints size, speed and quality before and after");
  auto arguments = std::make_shared<CompressArguments>();
  command->add_option("voice", arguments->options.voice, "Voice folder")->required();
  command->add_option("-o,--output", arguments->options.output, "Voice folder to write")->required();
  command->add_option("--dtype", arguments->options.dtype, "Storage of the weights")
      ->check(CLI::IsMember({"fp32", "fp16", "int8"}))
      ->capture_default_str();
  command->add_option("--data", arguments->data,
                      "Recordings (LJSpeech, VCTK or table) to measure both voices against");
  command->add_option("--speaker", arguments->options.speaker,
                      "Speaker of a voice that has several, and of the recordings [the first]");
  command->add_option("--limit", arguments->limit, "Only the first N recordings; 0 = all")
      ->capture_default_str();
  command->add_flag("--json", arguments->json, "The figures as JSON");
  command->callback([=] { *action = [=] { return Compress(*arguments); }; });
}

}  // namespace m2tts
