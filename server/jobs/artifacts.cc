#include "server/jobs/artifacts.h"

#include <algorithm>

#include "core/base/file_digest.h"

namespace m2tts {
namespace {

namespace fs = std::filesystem;

constexpr size_t kMaxChecksums = 10'000;

bool IsHidden(const std::string& name) {
  return name.empty() || name[0] == '.' || name == "lock";
}

std::vector<std::string> Names(const fs::path& folder) {
  std::vector<std::string> names;
  std::error_code error;
  fs::recursive_directory_iterator entry(folder, error), end;
  while (!error && entry != end) {
    const bool hidden = IsHidden(entry->path().filename().string());
    if (hidden && entry->is_directory(error)) entry.disable_recursion_pending();
    if (!hidden && entry->symlink_status(error).type() == fs::file_type::regular) {
      names.push_back(entry->path().lexically_relative(folder).generic_string());
    }
    entry.increment(error);
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace

StatusOr<std::vector<v1::Artifact>> Artifacts::List(const fs::path& folder, const std::string& after,
                                                    int limit) {
  std::vector<v1::Artifact> artifacts;
  for (const std::string& name : Names(folder)) {
    if (name <= after) continue;
    if (artifacts.size() == static_cast<size_t>(limit)) break;
    std::error_code error;
    const auto size = static_cast<int64_t>(fs::file_size(folder / name, error));
    if (error) continue;  // gone meanwhile
    v1::Artifact artifact;
    artifact.set_name(name);
    artifact.set_size_bytes(size);
    artifact.set_sha256(Checksum(folder / name, size));
    artifacts.push_back(std::move(artifact));
  }
  return artifacts;
}

StatusOr<fs::path> Artifacts::Find(const fs::path& folder, const std::string& name) {
  const auto names = Names(folder);
  if (!std::binary_search(names.begin(), names.end(), name)) {
    return NotFound("the job has no artifact '{}'", name.substr(0, 256));
  }
  return folder / name;
}

std::string Artifacts::Checksum(const fs::path& file, int64_t size) {
  std::error_code error;
  const auto changed = fs::last_write_time(file, error).time_since_epoch().count();
  const Key key(file.string(), size, static_cast<int64_t>(changed));
  {
    MutexLock lock(&mutex_);
    const auto found = checksums_.find(key);
    if (found != checksums_.end()) return found->second;
  }
  auto digest = Sha256OfFile(file);
  if (!digest.ok()) return "";
  std::string checksum = *std::move(digest);
  MutexLock lock(&mutex_);
  if (checksums_.size() >= kMaxChecksums) checksums_.clear();
  return checksums_[key] = std::move(checksum);
}

}  // namespace m2tts
