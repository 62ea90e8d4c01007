#include "server/voices/voice_registry.h"

#include <spdlog/spdlog.h>

#include <utility>

#include "core/base/file.h"
#include "core/device/runtime.h"
#include "core/synthesizer.h"
#include "server/synthesis/fault_injection.h"

namespace m2tts {
namespace {

StatusOr<std::shared_ptr<const Voice>> LoadVoice(const std::filesystem::path& folder,
                                                 const SynthesizerOptions& options,
                                                 const TextStyle& text_style) {
  M2TTS_ASSIGN_OR_RETURN(std::shared_ptr<Synthesizer> loaded, Synthesizer::Load(folder, options));
  M2TTS_ASSIGN_OR_RETURN(const std::shared_ptr<Synthesizer> synthesizer, InjectFaults(std::move(loaded)));
  const VoiceManifest& manifest = synthesizer->manifest();
  auto voice = std::make_shared<Voice>();
  voice->name = manifest.name;
  voice->language = manifest.language;
  voice->description = manifest.description;
  voice->licence = manifest.licence;
  voice->provenance_json = manifest.provenance_json;
  voice->speakers = manifest.speakers;
  voice->sample_rate = manifest.audio.sample_rate;
  voice->bytes = synthesizer->bundle_bytes();
  voice->checksum = manifest.weights_sha256;
  M2TTS_ASSIGN_OR_RETURN(voice->text, TextSettings::ForVoice(folder, text_style));
  voice->synthesizer = synthesizer;
  return std::shared_ptr<const Voice>(std::move(voice));
}

// The voice that the file DEFAULT of the folder names, where it is one of `voices`; else the first by name.
std::string FolderDefault(const std::filesystem::path& folder,
                          const std::map<std::string, std::shared_ptr<const Voice>>& voices) {
  constexpr size_t kMaxBytes = 256;
  const auto text = ReadFile(folder / "DEFAULT", kMaxBytes);
  const std::string name = text.ok() ? text->substr(0, text->find_first_of("\r\n")) : "";
  return voices.count(name) > 0 ? name : voices.begin()->first;
}

}  // namespace

StatusOr<std::unique_ptr<VoiceRegistry>> VoiceRegistry::Load(const std::filesystem::path& folder,
                                                             const std::string& default_voice,
                                                             const ServerConfig::Device& device,
                                                             const TextStyle& text_style) {
  SynthesizerOptions options;
  options.device = device.device;
  options.vocoder = device.vocoder;
  options.first_window_frames = device.first_window_frames;
  options.max_window_frames = device.max_window_frames;
  const int cpu_threads = ConfigureCpuThreads(device.threads);

  M2TTS_ASSIGN_OR_RETURN(const std::vector<std::string> names, ListVoiceFolders(folder));
  auto registry = std::make_unique<VoiceRegistry>();
  Status last_error;
  for (const std::string& name : names) {
    StatusOr<std::shared_ptr<const Voice>> voice = LoadVoice(folder / name, options, text_style);
    if (!voice.ok()) {
      last_error = Annotate(voice.status(), fmt::format("voice '{}'", name));
      if (name == default_voice) return last_error;
      spdlog::error("left out {}", std::string(last_error.message()));
      ++registry->failures_;
      continue;
    }
    spdlog::info("voice {}: {}, {} Hz, {} speaker(s), {:.1f} MB", name, (*voice)->language,
                 (*voice)->sample_rate, (*voice)->speakers.size(), (*voice)->bytes / 1e6);
    registry->device_ = ReportDevice(*(*voice)->synthesizer, cpu_threads);
    registry->voices_[name] = *std::move(voice);
  }
  if (!last_error.ok() && registry->voices_.empty()) return last_error;
  if (registry->voices_.empty()) {
    return NotFound(
        "no voice in {}: a voice is a folder with voice.json and model.safetensors; set "
        "voices.folder in the configuration",
        folder.string());
  }
  registry->default_voice_ = default_voice;
  if (default_voice.empty()) registry->default_voice_ = FolderDefault(folder, registry->voices_);
  if (registry->voices_.count(registry->default_voice_) == 0) {
    return NotFound("voices.default: there is no voice '{}' in {}", default_voice, folder.string());
  }
  return registry;
}

std::shared_ptr<const Voice> VoiceRegistry::Find(const std::string& name) const {
  const auto found = voices_.find(name.empty() ? default_voice_ : name);
  return found == voices_.end() ? nullptr : found->second;
}

}  // namespace m2tts
