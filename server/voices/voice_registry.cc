#include "server/voices/voice_registry.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <system_error>
#include <utility>

#include "core/base/file.h"
#include "core/device/runtime.h"
#include "core/synthesizer.h"
#include "server/base/status_details.h"
#include "server/voices/voice_loader.h"

namespace m2tts {
namespace {

// The voice that the file DEFAULT of the folder names, where it is one of `names`; else the first by name.
std::string FolderDefault(const std::filesystem::path& folder, const std::vector<std::string>& names) {
  constexpr size_t kMaxBytes = 256;
  const auto text = ReadFile(folder / "DEFAULT", kMaxBytes);
  const std::string name = text.ok() ? text->substr(0, text->find_first_of("\r\n")) : "";
  return std::find(names.begin(), names.end(), name) != names.end() ? name : names.front();
}

// What is wrong with the files of a voice, and not with the device.
bool IsBundleError(const Status& status) {
  return status.code() == StatusCode::kInvalidArgument || status.code() == StatusCode::kNotFound ||
         status.code() == StatusCode::kDataLoss || status.code() == StatusCode::kPermissionDenied;
}

// What stays known of a voice that made room.
std::shared_ptr<const Voice> WithoutModel(const Voice& voice) {
  auto known = std::make_shared<Voice>(voice);
  known->synthesizer = nullptr;
  return known;
}

// To a request, whose fault none of it is, and whom the daemon's folders do not concern.
Status ForRequest(const std::filesystem::path& folder, const std::string& name, const Status& error) {
  const std::string prefix = folder.string() + "/";
  std::string message(error.message());
  for (size_t at = message.find(prefix); at != std::string::npos; at = message.find(prefix)) {
    message.erase(at, prefix.size());
  }
  constexpr double kRetryVoiceSeconds = 5.0;
  const auto as = [&](StatusCode code) {
    return Errorf(code, "voice '{}' made room for others and cannot be loaded again: {}", name, message);
  };
  if (error.code() == StatusCode::kInternal) {
    return WithRetryDelay(as(StatusCode::kUnavailable), kRetryVoiceSeconds);
  }
  return as(error.code() == StatusCode::kInvalidArgument ? StatusCode::kFailedPrecondition : error.code());
}

int64_t Total(const VoiceMap& voices) {
  int64_t bytes = 0;
  for (const auto& entry : voices) bytes += entry.second->resident_bytes;
  return bytes;
}

}  // namespace

VoiceRegistry::VoiceRegistry(VoiceRegistryOptions options)
    : options_(std::move(options)), set_(std::make_shared<VoiceSet>()) {}

VoiceRegistry::VoiceRegistry(VoiceMap voices, std::string default_voice)
    : set_(std::make_shared<VoiceSet>(VoiceSet{std::move(voices), std::move(default_voice), {}})) {}

Status VoiceRegistry::LoadAll() {
  MutexLock control(&control_);
  M2TTS_RETURN_IF_ERROR(options_.run_on_device([this] {
    const int cpu_threads = ConfigureCpuThreads(options_.device.threads);
    MutexLock lock(&device_mutex_);
    device_.cpu_threads = cpu_threads;
    return OkStatus();
  }));
  M2TTS_ASSIGN_OR_RETURN(std::vector<std::string> names, ListVoiceFolders(options_.folder));
  if (names.empty()) {
    return NotFound(
        "no voice in {}: a voice is a folder with voice.json and model.safetensors; set "
        "voices.folder in the configuration",
        options_.folder.string());
  }
  std::string wanted = options_.default_voice;
  if (wanted.empty()) wanted = FolderDefault(options_.folder, names);
  // The default one first: the others have to fit beside it.
  std::stable_partition(names.begin(), names.end(), [&wanted](const auto& name) { return name == wanted; });
  VoiceSet set;
  Status last_error;
  for (const std::string& name : names) {
    StatusOr<std::shared_ptr<const Voice>> voice = LoadFolder(name);
    if (!voice.ok()) {
      last_error = voice.status();
      if (name == options_.default_voice) return last_error;
      spdlog::error("left out {}", std::string(last_error.message()));
      continue;
    }
    const int64_t limit = options_.max_resident_bytes;
    if (limit > 0 && !set.voices.empty() && Total(set.voices) + (*voice)->resident_bytes > limit) {
      spdlog::warn("voice {} is loaded when it is asked for: voices.max_resident_bytes is reached", name);
      set.made_room[name] = WithoutModel(**voice);
      continue;
    }
    set.voices[name] = *std::move(voice);
  }
  if (set.voices.empty()) return last_error;
  set.default_voice = set.voices.count(wanted) > 0 ? wanted : set.voices.begin()->first;
  if (!options_.default_voice.empty() && set.default_voice != options_.default_voice) {
    return NotFound("voices.default: there is no voice '{}' in {}", options_.default_voice,
                    options_.folder.string());
  }
  Publish(std::move(set));
  return OkStatus();
}

StatusOr<std::shared_ptr<const Voice>> VoiceRegistry::LoadFolder(const std::string& name) {
  SynthesizerOptions synthesizer;
  synthesizer.device = options_.device.device;
  synthesizer.vocoder = options_.device.vocoder;
  synthesizer.first_window_frames = options_.device.first_window_frames;
  synthesizer.max_window_frames = options_.device.max_window_frames;
  std::shared_ptr<const Voice> voice;
  const Status status = options_.run_on_device([&]() -> Status {
    M2TTS_ASSIGN_OR_RETURN(voice, LoadVoiceFolder(options_.folder / name, synthesizer, options_.text_style));
    M2TTS_RETURN_IF_ERROR(options_.warm_up(*voice));
    MutexLock lock(&device_mutex_);
    const int cpu_threads = device_.cpu_threads;
    device_ = ReportDevice(*voice->synthesizer, cpu_threads);
    return OkStatus();
  });
  if (!status.ok()) {
    ++failures_;
    return Annotate(status, fmt::format("voice '{}'", name));
  }
  ++loads_;
  spdlog::info("voice {}: {}, {} Hz, {} speaker(s), {:.1f} MB on {}, weights {}", name, voice->language,
               voice->sample_rate, voice->speakers.size(), voice->bytes / 1e6, voice->device,
               voice->sha256.substr(0, 12));
  return voice;
}

Status VoiceRegistry::NoRoom(const std::string& name, int64_t bytes) const {
  return Errorf(StatusCode::kResourceExhausted,
                "voice '{}' needs about {:.0f} MB, which do not fit into the {:.0f} MB of "
                "voices.max_resident_bytes beside the default voice",
                name, bytes / 1e6, options_.max_resident_bytes / 1e6);
}

Status VoiceRegistry::MakeRoom(VoiceSet* set, const std::string& keep, std::vector<std::string>* unloaded) {
  while (options_.max_resident_bytes > 0 && Total(set->voices) > options_.max_resident_bytes) {
    const Voice* oldest = nullptr;
    for (const auto& [name, voice] : set->voices) {
      if (name == keep || name == set->default_voice) continue;
      if (oldest == nullptr || *voice->last_used < *oldest->last_used) oldest = voice.get();
    }
    if (oldest == nullptr) return NoRoom(keep, set->voices[keep]->resident_bytes);
    set->made_room[oldest->name] = WithoutModel(*oldest);
    unloaded->push_back(oldest->name);
    set->voices.erase(unloaded->back());
  }
  return OkStatus();
}

void VoiceRegistry::Publish(VoiceSet set) {
  set_.Set(std::make_shared<VoiceSet>(std::move(set)));
  ClearDeviceCaches();
}

StatusOr<std::vector<std::string>> VoiceRegistry::LoadLocked(const std::string& name) {
  if (!IsValidId(name)) {
    return InvalidArgument("name: not the name of a voice; it matches [A-Za-z0-9][A-Za-z0-9._-]{{0,63}}");
  }
  if (std::error_code error; !std::filesystem::exists(options_.folder / name / "voice.json", error)) {
    return NotFound("name: there is no voice '{}' in the daemon's folder of voices", name);
  }
  M2TTS_ASSIGN_OR_RETURN(std::shared_ptr<const Voice> voice, LoadFolder(name));
  *voice->last_used = ++uses_;
  VoiceSet set = *set_.Get();
  set.voices[name] = std::move(voice);
  std::vector<std::string> unloaded;
  M2TTS_RETURN_IF_ERROR(MakeRoom(&set, name, &unloaded));
  set_aside_.erase(name);
  set.made_room.erase(name);
  for (const std::string& other : unloaded) spdlog::info("voice {} is unloaded to make room", other);
  Publish(std::move(set));
  return unloaded;
}

StatusOr<std::vector<std::string>> VoiceRegistry::Load(const std::string& name) {
  MutexLock control(&control_);
  return LoadLocked(name);
}

StatusOr<std::shared_ptr<const Voice>> VoiceRegistry::LoadKnown(const std::string& name) {
  MutexLock control(&control_);
  const std::shared_ptr<const VoiceSet> set = set_.Get();
  const auto loaded = set->voices.find(name);
  if (loaded != set->voices.end()) return loaded->second;
  const auto found = set->made_room.find(name);
  if (found == set->made_room.end()) return NotFound("voice '{}' has been unloaded", name);
  // What cannot fit need not be read first.
  const int64_t needed = found->second->resident_bytes;
  const int64_t limit = options_.max_resident_bytes;
  if (limit > 0 && set->voices.at(set->default_voice)->resident_bytes + needed > limit) {
    return ForRequest(options_.folder, name, NoRoom(name, needed));
  }
  const auto unloaded = LoadLocked(name);
  if (!unloaded.ok()) return ForRequest(options_.folder, name, unloaded.status());
  return set_.Get()->voices.at(name);
}

Status VoiceRegistry::Unload(const std::string& name) {
  MutexLock control(&control_);
  VoiceSet set = *set_.Get();
  const VoiceMap all = known();
  const auto found = all.find(name);
  if (found == all.end()) return NotFound("name: there is no voice '{}' loaded", name.substr(0, 64));
  if (name == set.default_voice) {
    return Errorf(StatusCode::kFailedPrecondition,
                  "voice '{}' is the default one; make another the default first", name);
  }
  set_aside_[name] = found->second->stamp;
  set.voices.erase(name);
  set.made_room.erase(name);
  Publish(std::move(set));
  spdlog::info("voice {} is unloaded", name);
  return OkStatus();
}

Status VoiceRegistry::SetDefault(const std::string& name) {
  MutexLock control(&control_);
  VoiceSet set = *set_.Get();
  if (set.voices.count(name) == 0) return NotFound("name: there is no voice '{}' loaded", name.substr(0, 64));
  set.default_voice = name;
  Publish(std::move(set));
  spdlog::info("voice {} is the default now", name);
  return OkStatus();
}

StatusOr<VoiceRegistry::Changes> VoiceRegistry::Rescan() {
  MutexLock control(&control_);
  M2TTS_ASSIGN_OR_RETURN(const std::vector<std::string> names, ListVoiceFolders(options_.folder));
  Changes changes;
  for (const std::string& name : names) {
    const VoiceMap all = known();
    const auto before = all.find(name);
    const std::string stamp = VoiceStamp(options_.folder / name);
    if (before != all.end() && before->second->stamp == stamp) continue;
    const auto aside = set_aside_.find(name);
    if (before == all.end() && aside != set_aside_.end() && aside->second == stamp) continue;
    if (const auto result = LoadLocked(name); !result.ok()) {
      spdlog::error("left out {}", std::string(result.status().message()));
      changes.failed[name] = std::string(result.status().message());
    } else {
      (before == all.end() ? changes.added : changes.changed).push_back(name);
    }
  }
  VoiceSet set = *set_.Get();
  for (const auto& entry : known()) {
    const std::string& name = entry.first;
    if (std::find(names.begin(), names.end(), name) != names.end()) continue;
    if (name == set.default_voice) {
      changes.failed[name] = "its folder is gone; it stays loaded, since it is the default voice";
      continue;
    }
    changes.removed.push_back(name);
    set.voices.erase(name);
    set.made_room.erase(name);
    spdlog::info("voice {} is unloaded, since its folder is gone", name);
  }
  if (!changes.removed.empty()) Publish(std::move(set));
  return changes;
}

Status VoiceRegistry::ReloadAll() {
  MutexLock control(&control_);
  for (const auto& [name, old] : VoiceMap(set_.Get()->voices)) {
    M2TTS_RETURN_IF_ERROR(ReloadLocked(name, old));
  }
  return OkStatus();
}

Status VoiceRegistry::ReloadLocked(const std::string& name, const std::shared_ptr<const Voice>& old) {
  const StatusOr<std::shared_ptr<const Voice>> fresh = LoadFolder(name);
  if (!fresh.ok() && IsBundleError(fresh.status())) {
    spdlog::error("{}; the model in memory stays", std::string(fresh.status().message()));
    return options_.run_on_device([&] { return options_.warm_up(*old); });
  }
  M2TTS_RETURN_IF_ERROR(fresh.status());
  (*fresh)->last_used->store(*old->last_used);
  VoiceSet set = *set_.Get();
  set.voices[name] = *fresh;
  Publish(std::move(set));
  return OkStatus();
}

std::shared_ptr<const Voice> VoiceRegistry::Find(const std::string& name) const {
  const std::shared_ptr<const VoiceSet> set = set_.Get();
  auto found = set->voices.find(name.empty() ? set->default_voice : name);
  if (found == set->voices.end()) {
    found = set->made_room.find(name);
    if (found == set->made_room.end()) return nullptr;
  }
  *found->second->last_used = ++uses_;
  return found->second;
}

VoiceMap VoiceRegistry::voices() const {
  return set_.Get()->voices;
}

VoiceMap VoiceRegistry::known() const {
  const std::shared_ptr<const VoiceSet> set = set_.Get();
  VoiceMap all = set->voices;
  all.insert(set->made_room.begin(), set->made_room.end());
  return all;
}

std::string VoiceRegistry::default_voice() const {
  return set_.Get()->default_voice;
}

DeviceReport VoiceRegistry::device() const {
  MutexLock lock(&device_mutex_);
  return device_;
}

}  // namespace m2tts
