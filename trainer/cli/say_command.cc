#include "core/audio/codec.h"
#include "core/audio/resampler.h"
#include "core/base/file.h"
#include "core/base/install_paths.h"
#include "core/device/runtime.h"
#include "trainer/cli/commands.h"
#include "trainer/speak.h"

namespace m2tts {
namespace {

struct SayArguments {
  std::string voice;
  std::string text;
  std::string output = "out.wav";
  std::string encoding = "wav";
  std::string speaker;
  SynthesizerOptions synthesizer;
  SynthesisControls controls;
  int threads = 1;
};

Status Say(SayArguments arguments) {
  ConfigureCpuThreads(arguments.threads);
  M2TTS_ASSIGN_OR_RETURN(const AudioEncoding encoding, ParseAudioEncoding(arguments.encoding));
  M2TTS_ASSIGN_OR_RETURN(const auto speaker,
                         Speaker::Load(arguments.voice, FindInstallPaths().lexicon, arguments.synthesizer));
  M2TTS_ASSIGN_OR_RETURN(arguments.controls.speaker, speaker->Index(arguments.speaker));
  M2TTS_ASSIGN_OR_RETURN(const auto wave, speaker->Say(arguments.text, arguments.controls));
  const int rate = DefaultSampleRate(encoding, speaker->sample_rate());
  M2TTS_ASSIGN_OR_RETURN(const auto resampled, Resample(wave, speaker->sample_rate(), rate));
  M2TTS_ASSIGN_OR_RETURN(const std::string bytes, EncodeAudio(resampled, rate, encoding));
  M2TTS_RETURN_IF_ERROR(WriteFileAtomic(arguments.output, bytes));
  fmt::print("{}: {:.2f} s\n", arguments.output, static_cast<double>(wave.size()) / speaker->sample_rate());
  return OkStatus();
}

}  // namespace

void AddSayCommand(CLI::App* app, Action* action) {
  auto* command = app->add_subcommand("say", "Speak a text with a voice, without a server");
  auto arguments = std::make_shared<SayArguments>();
  command->add_option("voice", arguments->voice, "Voice folder, e.g. voices/en_US-slt")->required();
  command->add_option("text", arguments->text, "What to say")->required();
  command->add_option("-o,--output", arguments->output, "Audio file to write")->capture_default_str();
  command->add_option("--encoding", arguments->encoding, "wav, pcm16, flac, f32, opus, mp3, mulaw or alaw")
      ->capture_default_str();
  command->add_option("--speaker", arguments->speaker, "Speaker of a voice that has several [the first]");
  command->add_option("--device", arguments->synthesizer.device, "auto, mps, cuda or cpu")
      ->capture_default_str();
  command->add_option("--vocoder", arguments->synthesizer.vocoder,
                      "griffin_lim to leave the trained one out");
  command->add_option("--speed", arguments->controls.speed, "0.25 to 4")->capture_default_str();
  command->add_option("--pitch", arguments->controls.pitch, "Semitones, -12 to 12")->capture_default_str();
  command->add_option("--volume", arguments->controls.volume, "Gain, 0 to 4")->capture_default_str();
  command->add_option("--threads", arguments->threads, "CPU threads; 0 = all cores")->capture_default_str();
  command->callback([=] { *action = [=] { return Say(*arguments); }; });
}

}  // namespace m2tts
