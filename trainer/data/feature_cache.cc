#include "trainer/data/feature_cache.h"

#include <algorithm>
#include <charconv>
#include <vector>

#include "core/base/file.h"
#include "core/base/sha256.h"
#include "core/voice/safetensors.h"

namespace m2tts {
namespace {

namespace fs = std::filesystem;

// Part of every key: raise it when the computation of features changes.
constexpr int kFeatureVersion = 2;  // 2: energy
constexpr char kIndexHeader[] = "m2tts feature index 1\n";
constexpr char kSum[] = "sha256";
constexpr size_t kKeyDigits = 64;

std::string Sum(const ClipFeatures& features) {
  std::string sums;
  for (const torch::Tensor& tensor : {features.mel, features.log_pitch, features.energy, features.audio}) {
    sums += Sha256Hex({static_cast<const char*>(tensor.data_ptr()), tensor.nbytes()});
  }
  return Sha256Hex(sums);
}

// Name of a recording in the index: changes when the file does.
StatusOr<std::string> Stamp(const std::string& settings, const fs::path& recording) {
  std::error_code error;
  const auto size = fs::file_size(recording, error);
  const auto time = error ? fs::file_time_type() : fs::last_write_time(recording, error);
  if (error) return NotFound("{}: {}", recording.string(), error.message());
  return fmt::format("{} {} {} {}", settings, size, time.time_since_epoch().count(),
                     fs::absolute(recording).string());
}

StatusOr<ClipFeatures> Map(const fs::path& path, bool verify) {
  M2TTS_ASSIGN_OR_RETURN(SafetensorsFile file, ReadSafetensors(path));
  for (const char* name : {"mel", "log_pitch", "energy", "audio"}) {
    if (file.tensors.count(name) == 0) return DataLoss("{}: no tensor '{}'", path.string(), name);
  }
  ClipFeatures features{file.tensors["mel"], file.tensors["log_pitch"], file.tensors["energy"],
                        file.tensors["audio"]};
  if (verify && file.metadata[kSum] != Sum(features)) return DataLoss("{}: wrong checksum", path.string());
  return features;
}

// Lines "KEY FRAMES STAMP"; what does not parse is passed over, and computed anew.
std::map<std::string, FeatureCache::Entry> ParseIndex(const std::string& text) {
  std::map<std::string, FeatureCache::Entry> index;
  if (text.rfind(kIndexHeader, 0) != 0) return index;
  for (size_t begin = sizeof(kIndexHeader) - 1; begin < text.size();) {
    const size_t end = std::min(text.find('\n', begin), text.size());
    const std::string line = text.substr(begin, end - begin);
    begin = end + 1;
    FeatureCache::Entry entry;
    if (line.size() < kKeyDigits + 2) continue;
    entry.key = line.substr(0, kKeyDigits);
    const char* last = line.data() + line.size();
    const auto parsed = std::from_chars(line.data() + kKeyDigits + 1, last, entry.frames);
    const bool good = entry.key.find_first_not_of("0123456789abcdef") == std::string::npos &&
                      parsed.ec == std::errc() && entry.frames > 0 && parsed.ptr + 1 < last;
    if (good) index.emplace(std::string(parsed.ptr + 1, last), entry);
  }
  return index;
}

}  // namespace

StatusOr<std::shared_ptr<FeatureCache>> FeatureCache::Open(const fs::path& folder, const AudioConfig& audio) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) {
    return Errorf(StatusCode::kPermissionDenied, "data.cache: {}: {}", folder.string(), error.message());
  }
  std::shared_ptr<FeatureCache> cache(new FeatureCache(folder, audio));
  const auto index = ReadFile(folder / "index");
  MutexLock lock(&cache->mutex_);
  if (index.ok()) cache->index_ = ParseIndex(*index);
  return cache;
}

FeatureCache::FeatureCache(fs::path folder, const AudioConfig& audio)
    : folder_(std::move(folder)),
      audio_(audio),
      settings_(Sha256Hex(fmt::format("{}|{}", kFeatureVersion, audio.ToJson()))) {}

fs::path FeatureCache::FileOf(const std::string& key) const {
  return folder_ / key.substr(0, 2) / (key + ".safetensors");
}

StatusOr<FeatureCache::Entry> FeatureCache::Add(const fs::path& recording) {
  M2TTS_ASSIGN_OR_RETURN(const std::string stamp, Stamp(settings_, recording));
  Entry entry;
  {
    MutexLock lock(&mutex_);
    const auto found = index_.find(stamp);
    if (found != index_.end()) entry = found->second;
  }
  std::error_code missing;
  if (!entry.key.empty()) {
    fs::last_write_time(FileOf(entry.key), fs::file_time_type::clock::now(), missing);  // was used now
  }
  const bool known = !entry.key.empty() && !missing;
  if (!known) {
    M2TTS_ASSIGN_OR_RETURN(entry, Compute(recording));
  }
  MutexLock lock(&mutex_);
  changed_ = changed_ || !known;
  index_[stamp] = entry;
  added_.insert(entry.key);
  return entry;
}

StatusOr<FeatureCache::Entry> FeatureCache::Compute(const fs::path& recording) {
  M2TTS_ASSIGN_OR_RETURN(const std::string bytes, ReadFile(recording));
  Entry entry;
  entry.key = Sha256Hex(fmt::format("{}|{}|{}", kFeatureVersion, audio_.ToJson(), Sha256Hex(bytes)));
  const fs::path path = FileOf(entry.key);
  const auto there = fs::exists(path) ? Map(path, true) : NotFound("{}", path.string());
  if (there.ok()) {
    entry.frames = there->frames();
    return entry;
  }
  M2TTS_ASSIGN_OR_RETURN(const ClipFeatures features, ComputeFeatures(bytes, recording.string(), audio_));
  const TensorMap tensors = {{"mel", features.mel},
                             {"log_pitch", features.log_pitch},
                             {"energy", features.energy},
                             {"audio", features.audio}};
  M2TTS_ASSIGN_OR_RETURN(const std::string file, SerializeSafetensors(tensors, {{kSum, Sum(features)}}));
  M2TTS_RETURN_IF_ERROR(WriteFileAtomic(path, file));
  entry.frames = features.frames();
  return entry;
}

StatusOr<ClipFeatures> FeatureCache::Read(const fs::path& recording, const std::string& key) {
  bool verified = false;
  {
    MutexLock lock(&mutex_);
    verified = verified_.count(key) > 0;
  }
  auto features = Map(FileOf(key), !verified);
  if (!features.ok()) {
    M2TTS_ASSIGN_OR_RETURN(const Entry entry, Compute(recording));
    if (entry.key != key) return DataLoss("{}: changed while it was in use", recording.string());
    features = Map(FileOf(key), true);
  }
  if (features.ok() && !verified) {
    MutexLock lock(&mutex_);
    verified_.insert(key);
  }
  return features;
}

Status FeatureCache::Finish(int64_t max_bytes) {
  MutexLock lock(&mutex_);
  if (changed_) {
    // Another run may have written it meanwhile.
    const auto other = ReadFile(folder_ / "index");
    if (other.ok()) index_.merge(ParseIndex(*other));
    std::string text = kIndexHeader;
    for (const auto& [stamp, entry] : index_)
      text += fmt::format("{} {} {}\n", entry.key, entry.frames, stamp);
    M2TTS_RETURN_IF_ERROR(WriteFileAtomic(folder_ / "index", text));
    changed_ = false;
  }
  return Evict(max_bytes);
}

Status FeatureCache::Evict(int64_t max_bytes) {
  struct File {
    fs::file_time_type used;
    int64_t bytes;
    fs::path path;
  };
  std::vector<File> files;
  int64_t total = 0;
  std::error_code error;
  for (fs::recursive_directory_iterator it(folder_, error), end; !error && it != end; it.increment(error)) {
    std::error_code gone;  // by another run
    const auto bytes = static_cast<int64_t>(fs::file_size(it->path(), gone));
    const auto used = fs::last_write_time(it->path(), gone);
    if (gone || it->path().extension() != ".safetensors") continue;
    total += bytes;
    if (added_.count(it->path().stem().string()) == 0) files.push_back({used, bytes, it->path()});
  }
  std::sort(files.begin(), files.end(), [](const File& a, const File& b) { return a.used < b.used; });
  for (const File& file : files) {
    if (total <= max_bytes) break;
    if (fs::remove(file.path, error)) total -= file.bytes;
  }
  return OkStatus();
}

}  // namespace m2tts
