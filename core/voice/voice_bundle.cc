#include "core/voice/voice_bundle.h"

#include <algorithm>
#include <system_error>

#include "core/base/file.h"
#include "core/base/replace_folder.h"
#include "core/base/sha256.h"
#include "core/device/guard.h"
#include "core/voice/weight_storage.h"

namespace m2tts {
namespace {

namespace fs = std::filesystem;

constexpr char kManifestFile[] = "voice.json";
constexpr char kWeightsFile[] = "model.safetensors";
constexpr size_t kMaxManifestBytes = size_t{256} << 10;

Status CheckFolderName(const fs::path& folder, const VoiceManifest& manifest) {
  const std::string name = FolderName(folder);
  if (name == manifest.name) return OkStatus();
  return InvalidArgument("name: '{}' is not the name of the folder, '{}'; rename one of them", manifest.name,
                         name);
}

// Copies the files of a bundle that we do not write ourselves.
Status CopyOtherFiles(const fs::path& from, const fs::path& to, fs::copy_options links) {
  std::error_code error;
  for (fs::directory_iterator it(from, error), end; !error && it != end; it.increment(error)) {
    const fs::path name = it->path().filename();
    if (name == kManifestFile || name == kWeightsFile) continue;
    fs::copy(it->path(), to / name, fs::copy_options::recursive | links, error);
    if (error) break;
  }
  if (error) return Internal("{}: cannot copy its other files: {}", from.string(), error.message());
  return OkStatus();
}

Status FillFolder(const fs::path& folder, const std::string& manifest, const std::string& weights) {
  M2TTS_RETURN_IF_ERROR(WriteFileAtomic(folder / kWeightsFile, weights));
  return WriteFileAtomic(folder / kManifestFile, manifest);
}

}  // namespace

std::string FolderName(const fs::path& folder) {
  std::error_code error;
  const fs::path path = fs::absolute(folder, error).lexically_normal();
  return (path.has_filename() ? path : path.parent_path()).filename().string();
}

StatusOr<VoiceBundle> LoadVoiceBundle(const fs::path& folder) {
  const fs::path manifest_path = folder / kManifestFile;
  const fs::path weights_path = folder / kWeightsFile;
  M2TTS_ASSIGN_OR_RETURN(const std::string text, ReadFile(manifest_path, kMaxManifestBytes));
  auto manifest = ParseVoiceManifest(text);
  if (!manifest.ok()) return Annotate(manifest.status(), manifest_path.string());
  M2TTS_RETURN_IF_ERROR(Annotate(CheckFolderName(folder, *manifest), manifest_path.string()));

  M2TTS_ASSIGN_OR_RETURN(const auto file, MappedFile::Open(weights_path));
  const std::string sha256 = Sha256Hex(file->bytes());
  if (sha256 != manifest->weights_sha256) {
    return DataLoss("{}: SHA-256 is {}, voice.json says {}; the file is damaged or of another voice",
                    weights_path.string(), sha256, manifest->weights_sha256);
  }
  M2TTS_ASSIGN_OR_RETURN(SafetensorsFile tensors, ParseSafetensors(file, weights_path.string()));
  auto weights =
      Guard("weights", [&] { return WidenWeights(std::move(tensors.tensors), manifest->weights_dtype); });
  if (!weights.ok()) return Annotate(weights.status(), weights_path.string());

  VoiceBundle bundle;
  bundle.manifest = *std::move(manifest);
  bundle.weights = *std::move(weights);
  bundle.bytes = static_cast<int64_t>(text.size() + file->bytes().size());
  return bundle;
}

Status SaveVoiceBundle(const fs::path& folder, VoiceManifest manifest, const TensorMap& weights,
                       const fs::path& made_of) {
  M2TTS_RETURN_IF_ERROR(CheckFolderName(folder, manifest));
  M2TTS_RETURN_IF_ERROR(manifest.Validate());
  M2TTS_ASSIGN_OR_RETURN(const TensorMap stored,
                         Guard("weights", [&] { return StoreWeights(weights, manifest.weights_dtype); }));
  M2TTS_ASSIGN_OR_RETURN(const std::string bytes, SerializeSafetensors(stored, {{"format", "m2tts"}}));
  manifest.weights_sha256 = Sha256Hex(bytes);
  M2TTS_ASSIGN_OR_RETURN(const std::string text, FormatVoiceManifest(manifest));

  std::error_code error;
  const bool exists = fs::exists(folder, error) && !fs::is_empty(folder, error);
  if (exists && !fs::exists(folder / kManifestFile, error)) {
    return Errorf(StatusCode::kAlreadyExists, "{}: exists and is not a voice; choose another folder",
                  folder.string());
  }
  M2TTS_ASSIGN_OR_RETURN(const fs::path temporary, MakeFolderBeside(folder));
  Status status;
  if (!made_of.empty()) {
    // Links are followed: they need not lead anywhere from another folder.
    status = CopyOtherFiles(made_of, temporary, fs::copy_options::none);
  } else if (exists) {
    status = CopyOtherFiles(folder, temporary, fs::copy_options::copy_symlinks);
  }
  if (status.ok()) status = FillFolder(temporary, text, bytes);
  if (status.ok()) status = ReplaceFolder(temporary, folder);
  fs::remove_all(temporary, error);  // the old bundle, or what a failure left
  return status;
}

StatusOr<std::vector<std::string>> ListVoiceFolders(const fs::path& root) {
  std::error_code error;
  if (!fs::is_directory(root, error)) return NotFound("{}: no such folder of voices", root.string());
  std::vector<std::string> names;
  for (fs::directory_iterator it(root, error), end; !error && it != end; it.increment(error)) {
    std::string name = it->path().filename().string();
    std::error_code ignored;  // an entry that cannot be looked at is not a voice
    if (IsValidId(name) && fs::exists(it->path() / kManifestFile, ignored)) names.push_back(std::move(name));
  }
  if (error) return Internal("{}: cannot list: {}", root.string(), error.message());
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace m2tts
