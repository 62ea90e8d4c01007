#include "trainer/data/feature_cache.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <vector>

#include "core/base/file.h"
#include "core/base/sha256.h"
#include "core/voice/safetensors.h"

namespace m2tts {
namespace {

namespace fs = std::filesystem;

// Part of every key: raise it when the computation of features changes.
constexpr int kFeatureVersion = 2;                          // 2: energy
constexpr char kIndexHeader[] = "m2tts feature index 2\n";  // 2: a checksum in each line
constexpr char kSum[] = "sha256";
constexpr size_t kKeyDigits = 64;
constexpr size_t kLineSumDigits = 8;
constexpr char kEnding[] = ".safetensors";
constexpr auto kLeftoverAge = std::chrono::hours(24);  // no write takes as long

std::string SettingsText(const AudioConfig& audio, std::optional<double> loudness) {
  std::string text = fmt::format("{}|{}", kFeatureVersion, audio.ToJson());
  if (loudness.has_value()) text += fmt::format("|loudness {}", *loudness);
  return text;
}

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
  const fs::path absolute = fs::absolute(recording, error);
  if (error) return NotFound("{}: {}", recording.string(), error.message());
  return fmt::format("{} {} {} {}", settings, size, time.time_since_epoch().count(), absolute.string());
}

bool FitTogether(const ClipFeatures& features, const AudioConfig& audio) {
  if (features.mel.dim() != 2 || features.mel.size(1) != audio.n_mels) return false;
  const int64_t frames = features.frames();
  const auto is = [](const torch::Tensor& tensor, torch::Dtype dtype, int64_t size) {
    return tensor.scalar_type() == dtype && tensor.dim() == 1 && tensor.size(0) == size;
  };
  return frames > 0 && features.mel.scalar_type() == torch::kFloat32 &&
         is(features.log_pitch, torch::kFloat32, frames) && is(features.energy, torch::kFloat32, frames) &&
         is(features.audio, torch::kInt16, frames * audio.hop_length);
}

StatusOr<ClipFeatures> Map(const fs::path& path, const AudioConfig& audio, bool verify) {
  M2TTS_ASSIGN_OR_RETURN(SafetensorsFile file, ReadSafetensors(path));
  for (const char* name : {"mel", "log_pitch", "energy", "audio"}) {
    if (file.tensors.count(name) == 0) return DataLoss("{}: no tensor '{}'", path.string(), name);
  }
  ClipFeatures features{file.tensors["mel"], file.tensors["log_pitch"], file.tensors["energy"],
                        file.tensors["audio"]};
  if (!FitTogether(features, audio)) return DataLoss("{}: tensors of other shapes", path.string());
  if (verify && file.metadata[kSum] != Sum(features)) return DataLoss("{}: wrong checksum", path.string());
  return features;
}

// "KEY FRAMES SUM STAMP"; the sum is of the other three.
std::string IndexLine(const std::string& stamp, const FeatureCache::Entry& entry) {
  const std::string content = fmt::format("{} {} {}", entry.key, entry.frames, stamp);
  return fmt::format("{} {} {} {}", entry.key, entry.frames, Sha256Hex(content).substr(0, kLineSumDigits),
                     stamp);
}

// What does not parse, or has another sum, is passed over, and computed anew.
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
                      parsed.ec == std::errc() && entry.frames > 0;
    constexpr size_t kBeforeStamp = kLineSumDigits + 2;  // and a blank on both sides
    if (!good || static_cast<size_t>(last - parsed.ptr) <= kBeforeStamp) continue;
    const std::string stamp(parsed.ptr + kBeforeStamp, last);
    if (line == IndexLine(stamp, entry)) index.emplace(stamp, entry);
  }
  return index;
}

// What WriteFileAtomic leaves when it is killed: ".NAME.AbC123".
bool IsTemporary(const std::string& name) {
  constexpr size_t kRandom = 7;
  if (name.size() <= kRandom + 1 || name[0] != '.' || name[name.size() - kRandom] != '.') return false;
  const fs::path target = name.substr(1, name.size() - kRandom - 1);
  return target == "index" || target.extension() == kEnding;
}

bool IsHex(const std::string& text, size_t digits) {
  return text.size() == digits && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

// ab/abcd....safetensors and statistics-....safetensors: somebody may keep checkpoints in the same folder.
bool IsCached(const fs::path& path, int depth) {
  constexpr char kStatistics[] = "statistics-";
  const std::string stem = path.stem().string(), folder = path.parent_path().filename().string();
  if (path.extension() != kEnding) return false;
  if (depth == 1) return IsHex(stem, kKeyDigits) && stem.compare(0, 2, folder) == 0 && folder.size() == 2;
  return depth == 0 && stem.rfind(kStatistics, 0) == 0 &&
         IsHex(stem.substr(sizeof(kStatistics) - 1), kKeyDigits);
}

}  // namespace

StatusOr<std::shared_ptr<FeatureCache>> FeatureCache::Open(const fs::path& folder, const AudioConfig& audio,
                                                           std::optional<double> loudness) {
  M2TTS_RETURN_IF_ERROR(Annotate(MakeFolder(folder), "data.cache"));
  std::shared_ptr<FeatureCache> cache(new FeatureCache(folder, audio, loudness));
  const auto index = ReadFile(folder / "index");
  MutexLock lock(&cache->mutex_);
  if (index.ok()) cache->index_ = ParseIndex(*index);
  return cache;
}

FeatureCache::FeatureCache(fs::path folder, const AudioConfig& audio, std::optional<double> loudness)
    : folder_(std::move(folder)),
      audio_(audio),
      loudness_(loudness),
      settings_(SettingsText(audio, loudness)) {}

fs::path FeatureCache::FileOf(const std::string& key) const {
  return folder_ / key.substr(0, 2) / (key + kEnding);
}

StatusOr<FeatureCache::Entry> FeatureCache::Add(const fs::path& recording) {
  M2TTS_ASSIGN_OR_RETURN(const std::string stamp, Stamp(Sha256Hex(settings_), recording));
  Entry entry;
  {
    MutexLock lock(&mutex_);
    const auto found = index_.find(stamp);
    if (found != index_.end()) entry = found->second;
  }
  const bool known = !entry.key.empty() && Exists(FileOf(entry.key));
  if (known) {
    std::error_code read_only;
    fs::last_write_time(FileOf(entry.key), fs::file_time_type::clock::now(), read_only);  // was used now
  } else {
    M2TTS_ASSIGN_OR_RETURN(const Computed computed, Compute(recording));
    if (!computed.stored.ok()) return Internal("data.cache: {}", std::string(computed.stored.message()));
    entry = computed.entry;
  }
  MutexLock lock(&mutex_);
  changed_ = changed_ || !known;
  index_[stamp] = entry;
  added_.insert(entry.key);
  return entry;
}

StatusOr<FeatureCache::Computed> FeatureCache::Compute(const fs::path& recording) {
  M2TTS_ASSIGN_OR_RETURN(const std::string bytes, ReadFile(recording));
  Computed computed;
  computed.entry.key = Sha256Hex(settings_ + "|" + Sha256Hex(bytes));
  const fs::path path = FileOf(computed.entry.key);
  auto there = Map(path, audio_, true);
  if (there.ok()) {
    computed.features = *std::move(there);
  } else {
    M2TTS_ASSIGN_OR_RETURN(computed.features, ComputeFeatures(bytes, recording.string(), audio_, loudness_));
    const ClipFeatures& features = computed.features;
    const TensorMap tensors = {{"mel", features.mel},
                               {"log_pitch", features.log_pitch},
                               {"energy", features.energy},
                               {"audio", features.audio}};
    M2TTS_ASSIGN_OR_RETURN(const std::string file, SerializeSafetensors(tensors, {{kSum, Sum(features)}}));
    computed.stored = WriteFileAtomic(path, file);
  }
  computed.entry.frames = computed.features.frames();
  return computed;
}

StatusOr<ClipFeatures> FeatureCache::Read(const fs::path& recording, const std::string& key) {
  bool verified = false;
  {
    MutexLock lock(&mutex_);
    verified = verified_.count(key) > 0;
  }
  auto features = Map(FileOf(key), audio_, !verified);
  if (!features.ok()) {
    // Another run may have deleted it. What cannot be stored again is computed whenever it is asked for.
    M2TTS_ASSIGN_OR_RETURN(Computed computed, Compute(recording));
    if (computed.entry.key != key) return DataLoss("{}: changed while it was in use", recording.string());
    return std::move(computed.features);
  }
  if (features.ok() && !verified) {
    MutexLock lock(&mutex_);
    verified_.insert(key);
  }
  return features;
}

Status FeatureCache::Finish(int64_t max_bytes) {
  MutexLock lock(&mutex_);
  changed_ = Evict(max_bytes) || changed_;
  if (!changed_) return OkStatus();
  // Another run may have written it meanwhile.
  const auto other = ReadFile(folder_ / "index");
  if (other.ok()) index_.merge(ParseIndex(*other));
  std::string text = kIndexHeader;
  for (const auto& [stamp, entry] : index_) {
    if (Exists(FileOf(entry.key))) text += IndexLine(stamp, entry) + "\n";
  }
  M2TTS_RETURN_IF_ERROR(WriteFileAtomic(folder_ / "index", text));
  changed_ = false;
  return OkStatus();
}

bool FeatureCache::Evict(int64_t max_bytes) {
  struct File {
    fs::file_time_type used;
    int64_t bytes;
    fs::path path;
  };
  std::vector<File> files;
  std::vector<fs::path> leftovers;
  int64_t total = 0;
  std::error_code error;
  for (fs::recursive_directory_iterator it(folder_, error), end; !error && it != end; it.increment(error)) {
    std::error_code gone;  // by another run
    const auto bytes = static_cast<int64_t>(fs::file_size(it->path(), gone));
    const auto used = fs::last_write_time(it->path(), gone);
    if (gone) continue;
    if (IsTemporary(it->path().filename().string())) {
      if (used < fs::file_time_type::clock::now() - kLeftoverAge) leftovers.push_back(it->path());
      continue;
    }
    if (!IsCached(it->path(), it.depth())) continue;
    total += bytes;
    if (added_.count(it->path().stem().string()) == 0) files.push_back({used, bytes, it->path()});
  }
  for (const fs::path& path : leftovers) fs::remove(path, error);
  std::sort(files.begin(), files.end(), [](const File& a, const File& b) { return a.used < b.used; });
  bool any = false;
  for (const File& file : files) {
    if (total <= max_bytes) break;
    if (!fs::remove(file.path, error)) continue;
    total -= file.bytes;
    any = true;
  }
  return any;
}

}  // namespace m2tts
