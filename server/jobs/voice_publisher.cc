#include "server/jobs/voice_publisher.h"

#include <chrono>
#include <nlohmann/json.hpp>
#include <system_error>

#include "core/base/file.h"
#include "core/base/replace_folder.h"
#include "core/voice/voice_manifest.h"

namespace m2tts {
namespace {

namespace fs = std::filesystem;

constexpr size_t kMaxManifestBytes = size_t{4} << 20;

double Now() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

// Puts a copy of `from` in the place of `to` in one step; `edit` may change the copy before.
Status CopyInPlace(const fs::path& from, const fs::path& to,
                   const std::function<Status(const fs::path&)>& edit = nullptr) {
  M2TTS_ASSIGN_OR_RETURN(const fs::path beside, MakeFolderBeside(to));
  const auto remove = [&beside] {
    std::error_code ignored;
    fs::remove_all(beside, ignored);
  };
  std::error_code error;
  fs::copy(from, beside, fs::copy_options::recursive, error);
  Status status = error ? Internal("cannot copy {}: {}", from.string(), error.message()) : OkStatus();
  if (status.ok() && edit) status = edit(beside);
  if (status.ok()) status = SyncFolder(beside);
  if (status.ok()) status = ReplaceFolder(beside, to);
  remove();
  return status;
}

// The name and where the voice comes from.
Status EditManifest(const fs::path& folder, const std::string& name, const std::string& job_id) {
  M2TTS_ASSIGN_OR_RETURN(const std::string text, ReadFile(folder / "voice.json", kMaxManifestBytes));
  M2TTS_ASSIGN_OR_RETURN(VoiceManifest manifest, ParseVoiceManifest(text));
  manifest.name = name;
  auto provenance = nlohmann::ordered_json::parse(manifest.provenance_json, nullptr, false);
  if (!provenance.is_object()) provenance = nlohmann::ordered_json::object();
  provenance["job"] = job_id;
  manifest.provenance_json = provenance.dump();
  M2TTS_ASSIGN_OR_RETURN(const std::string edited, FormatVoiceManifest(manifest));
  return WriteFileAtomic(folder / "voice.json", edited);
}

}  // namespace

Status VoicePublisher::KeepShipped(const std::string& name) {
  const fs::path shipped = environment_.voices / name;
  std::error_code error;
  M2TTS_ASSIGN_OR_RETURN(const auto versions, store_->Publications(name));
  if (!versions.empty() || !fs::exists(shipped / "voice.json", error)) return OkStatus();
  M2TTS_RETURN_IF_ERROR(CopyInPlace(shipped, environment_.versions(name) / "1"));
  return store_->AddPublication(name, "", Now()).status();
}

Status VoicePublisher::Activate(const std::string& name, const fs::path& version, bool make_default) {
  const fs::path live = environment_.voices / name;
  std::error_code error;
  const bool existed = fs::exists(live, error);
  M2TTS_ASSIGN_OR_RETURN(const fs::path beside, MakeFolderBeside(live));
  const auto remove = [&beside] {
    std::error_code ignored;
    fs::remove_all(beside, ignored);
  };
  fs::copy(version, beside, fs::copy_options::recursive, error);
  Status status = error ? Internal("cannot copy {}: {}", version.string(), error.message()) : OkStatus();
  if (status.ok()) status = ReplaceFolder(beside, live);  // `beside` is now what was there before
  if (status.ok()) {
    status = go_live_(name, make_default);
    if (!status.ok()) {
      if (existed) {
        (void)ReplaceFolder(beside, live);
      } else {
        fs::remove_all(live, error);
      }
    }
  }
  remove();
  return status;
}

StatusOr<VoicePublisher::Published> VoicePublisher::Publish(const std::string& job_id, const fs::path& bundle,
                                                            const std::string& name, bool make_default) {
  MutexLock lock(&mutex_);
  Published published;
  published.voice = name.empty() ? bundle.filename().string() : name;
  if (!IsValidId(published.voice)) return InvalidArgument("'{}' is not a name of a voice", published.voice);
  if (!environment_.MayPublishAs(published.voice)) {
    return Errorf(StatusCode::kFailedPrecondition,
                  "'{}' in the folder of voices is no voice; choose another name", published.voice);
  }
  M2TTS_RETURN_IF_ERROR(KeepShipped(published.voice));
  M2TTS_ASSIGN_OR_RETURN(const auto versions, store_->Publications(published.voice));
  const int64_t next = versions.empty() ? 1 : versions.back().version + 1;
  const fs::path kept = environment_.versions(published.voice) / std::to_string(next);
  M2TTS_RETURN_IF_ERROR(CopyInPlace(
      bundle, kept, [&](const fs::path& folder) { return EditManifest(folder, published.voice, job_id); }));
  const Status active = Activate(published.voice, kept, make_default);
  if (!active.ok()) {
    std::error_code ignored;
    fs::remove_all(kept, ignored);
    return active;
  }
  M2TTS_ASSIGN_OR_RETURN(published.version, store_->AddPublication(published.voice, job_id, Now()));
  return published;
}

StatusOr<int64_t> VoicePublisher::Rollback(const std::string& name) {
  MutexLock lock(&mutex_);
  M2TTS_ASSIGN_OR_RETURN(const auto versions, store_->Publications(name));
  const VoicePublication* previous = nullptr;
  for (const VoicePublication& version : versions) {
    if (version.active) break;
    previous = &version;
  }
  if (versions.empty()) return NotFound("no job has published a voice '{}'", name);
  if (previous == nullptr) {
    return Errorf(StatusCode::kFailedPrecondition, "version {} of '{}' is the first",
                  versions.front().version, name);
  }
  M2TTS_RETURN_IF_ERROR(Activate(name, environment_.versions(name) / std::to_string(previous->version),
                                 /*make_default=*/false));
  M2TTS_RETURN_IF_ERROR(store_->SetActive(name, previous->version));
  return previous->version;
}

}  // namespace m2tts
