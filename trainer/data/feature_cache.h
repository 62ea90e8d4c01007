// Features on disk: computed once per clip and settings, mapped when they are read.
//
//   CACHE/ab/abcd....safetensors   features of one clip; named by a hash of the clip's bytes and the
//                                  settings, so that runs and corpora share what is the same
//   CACHE/index                    which file (path, size, time) has which hash: a warm start reads
//                                  neither the recordings nor the features
//
// All of it may be deleted at any time, also while a run uses it: what is missing or damaged is
// computed anew.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
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

  // Makes the folder when missing. An index that does not read is started anew.
  static StatusOr<std::shared_ptr<FeatureCache>> Open(const std::filesystem::path& folder,
                                                      const AudioConfig& audio);

  // Makes sure that the features of a recording exist. Errors are those of reading the recording.
  StatusOr<Entry> Add(const std::filesystem::path& recording);

  // The features, mapped. Their checksum is compared the first time that this process reads them.
  StatusOr<ClipFeatures> Read(const std::filesystem::path& recording, const std::string& key);

  // Writes the index, and deletes the features that were not used for longest, beyond `max_bytes`; those
  // that this object added stay.
  Status Finish(int64_t max_bytes);

 private:
  FeatureCache(std::filesystem::path folder, const AudioConfig& audio);

  std::filesystem::path FileOf(const std::string& key) const;
  StatusOr<Entry> Compute(const std::filesystem::path& recording);
  Status Evict(int64_t max_bytes) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const std::filesystem::path folder_;
  const AudioConfig audio_;
  const std::string settings_;  // hash of what the features depend on beside the recording
  Mutex mutex_;
  std::map<std::string, Entry> index_ ABSL_GUARDED_BY(mutex_);  // by settings, size, time and path
  bool changed_ ABSL_GUARDED_BY(mutex_) = false;
  std::set<std::string> added_ ABSL_GUARDED_BY(mutex_);     // keys
  std::set<std::string> verified_ ABSL_GUARDED_BY(mutex_);  // keys
};

}  // namespace m2tts
