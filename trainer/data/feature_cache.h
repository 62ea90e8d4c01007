// Features on disk: computed once per clip and settings, mapped when they are read.
//
//   CACHE/ab/abcd....safetensors   features of one clip; named by a hash of the clip's bytes and the
//                                  settings, so that runs and corpora share what is the same
//   CACHE/index                    which file (path, size, time) has which hash, and how many frames: a warm
//                                  start reads neither the recordings nor the features
//
// All of it may be deleted at any time, also while a run uses it: what is missing or damaged is
// computed anew. A cache that has all that is asked for may be read-only.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "core/base/mutex.h"
#include "core/base/status.h"
#include "trainer/data/features.h"

namespace m2tts {

// Any thread.
class FeatureCache {
 public:
  struct Entry {
    std::string key;     // of the file with the features
    int64_t frames = 0;  // of the mel
  };

  // Makes the folder when missing. An index that does not read is started anew, a line of it that does not is
  // passed over. loudness: as ComputeFeatures has it.
  static StatusOr<std::shared_ptr<FeatureCache>> Open(const std::filesystem::path& folder,
                                                      const AudioConfig& audio,
                                                      std::optional<double> loudness = std::nullopt);

  // Makes sure that the features of a recording exist. Errors are those of reading the recording and of
  // ComputeFeatures; INTERNAL is no fault of the recording, such as a cache that cannot be written.
  StatusOr<Entry> Add(const std::filesystem::path& recording);

  // The features, mapped; computed anew when they are gone or damaged, also where they cannot be stored.
  // Their checksum is compared the first time that this process reads them.
  StatusOr<ClipFeatures> Read(const std::filesystem::path& recording, const std::string& key);

  // Deletes the features that were not used for longest, beyond `max_bytes` (those that this object added
  // stay) and what writers that were killed left behind a day ago or earlier; nothing else that lies there.
  // Writes the index when it is another than before, without the lines of features that are gone; where that
  // fails, no more is lost than time at the next start.
  Status Finish(int64_t max_bytes);

 private:
  FeatureCache(std::filesystem::path folder, const AudioConfig& audio, std::optional<double> loudness);

  std::filesystem::path FileOf(const std::string& key) const;
  struct Computed {
    Entry entry;
    ClipFeatures features;
    Status stored;
  };
  StatusOr<Computed> Compute(const std::filesystem::path& recording);
  // Whether features were deleted.
  bool Evict(int64_t max_bytes) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const std::filesystem::path folder_;
  const AudioConfig audio_;
  const std::optional<double> loudness_;
  const std::string settings_;  // what the features depend on beside the recording
  Mutex mutex_;
  std::map<std::string, Entry> index_ ABSL_GUARDED_BY(mutex_);  // by settings, size, time and path
  bool changed_ ABSL_GUARDED_BY(mutex_) = false;
  std::set<std::string> added_ ABSL_GUARDED_BY(mutex_);     // keys
  std::set<std::string> verified_ ABSL_GUARDED_BY(mutex_);  // keys
};

}  // namespace m2tts
