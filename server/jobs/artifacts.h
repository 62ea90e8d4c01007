// The files that a job has made, for download. Names are paths below the job's folder; links, hidden files
// and locks are none of them.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "core/base/mutex.h"
#include "core/base/status.h"
#include "m2tts/v1/training.pb.h"

namespace m2tts {

// Any thread. Remembers checksums, since files of a job hardly change.
class Artifacts {
 public:
  // Sorted by name, those after `after`, `limit` at most.
  StatusOr<std::vector<v1::Artifact>> List(const std::filesystem::path& folder, const std::string& after,
                                           int limit) ABSL_LOCKS_EXCLUDED(mutex_);

  // The file of that name, for reading. NOT_FOUND for what is not in the list, whatever it is.
  static StatusOr<std::filesystem::path> Find(const std::filesystem::path& folder, const std::string& name);

 private:
  std::string Checksum(const std::filesystem::path& file, int64_t size) ABSL_LOCKS_EXCLUDED(mutex_);

  using Key = std::tuple<std::string, int64_t, int64_t>;  // path, size, time of change
  Mutex mutex_;
  std::map<Key, std::string> checksums_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace m2tts
