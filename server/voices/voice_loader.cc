#include "server/voices/voice_loader.h"

#include <system_error>
#include <utility>

#include "core/base/file.h"
#include "server/voices/fault_injection.h"

namespace m2tts {
namespace {

constexpr size_t kMaxSampleBytes = 500;
constexpr char kEnglishSample[] = "Good morning. It is a quarter past nine, and the tea is ready.";

// What sample.txt of the folder says, one line; else a sentence in English, the language that we read.
std::string SampleText(const std::filesystem::path& folder, const std::string& language) {
  const auto text = ReadFile(folder / "sample.txt", kMaxSampleBytes);
  if (text.ok()) return text->substr(0, text->find_first_of("\r\n"));
  return language.compare(0, 2, "en") == 0 ? kEnglishSample : "";
}

// Weights are widened to 32 bits for computing, however they are stored.
int64_t ResidentBytes(const VoiceManifest& manifest, int64_t bundle_bytes) {
  if (manifest.weights_dtype == "fp16") return 2 * bundle_bytes;
  if (manifest.weights_dtype == "int8") return 4 * bundle_bytes;
  return bundle_bytes;
}

}  // namespace

std::string VoiceStamp(const std::filesystem::path& folder) {
  std::string stamp;
  for (const char* file : {"voice.json", "model.safetensors", "text.yaml", "sample.txt"}) {
    std::error_code error;
    const auto time = std::filesystem::last_write_time(folder / file, error);
    if (error) {
      stamp += "-;";
      continue;
    }
    stamp += fmt::format("{} {};", time.time_since_epoch().count(),
                         std::filesystem::file_size(folder / file, error));
  }
  return stamp;
}

StatusOr<std::shared_ptr<const Voice>> LoadVoiceFolder(const std::filesystem::path& folder,
                                                       const SynthesizerOptions& options,
                                                       const TextStyle& text_style) {
  auto voice = std::make_shared<Voice>();
  voice->stamp = VoiceStamp(folder);  // first: what changes while it is read counts as changed
  M2TTS_ASSIGN_OR_RETURN(std::shared_ptr<Synthesizer> loaded, Synthesizer::Load(folder, options));
  M2TTS_ASSIGN_OR_RETURN(voice->synthesizer, InjectFaults(std::move(loaded)));
  const VoiceManifest& manifest = voice->synthesizer->manifest();
  voice->name = manifest.name;
  voice->language = manifest.language;
  voice->description = manifest.description;
  voice->licence = manifest.licence;
  voice->provenance_json = manifest.provenance_json;
  voice->speakers = manifest.speakers;
  voice->sample_rate = manifest.audio.sample_rate;
  voice->bytes = voice->synthesizer->bundle_bytes();
  voice->resident_bytes = ResidentBytes(manifest, voice->bytes);
  voice->sha256 = manifest.weights_sha256;
  voice->device = voice->synthesizer->device().device;
  voice->sample_text = SampleText(folder, voice->language);
  M2TTS_ASSIGN_OR_RETURN(voice->text, TextSettings::ForVoice(folder, text_style, manifest.phrase_breaks));
  return std::shared_ptr<const Voice>(std::move(voice));
}

}  // namespace m2tts
