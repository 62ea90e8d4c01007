// Answers that were given before, for texts that are asked for again: announcements, prompts.
//
// Off unless configured. Keyed by everything that the audio depends on, so that a hit is byte for byte
// what the device would make now; bounded in bytes; the least recently used goes first. Answers are
// kept as they were sent, encoded and in chunks, and shared with the readers that still need them.
//
// Any thread may call anything.
#pragma once

#include <atomic>
#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/base/mutex.h"
#include "server/synthesis/audio_sink.h"
#include "server/synthesis/synthesis_request.h"

namespace m2tts {

struct CachedResult {
  std::vector<EncodedChunk> chunks;
  SynthesisReport report;
};

// In memory, roughly.
size_t SizeOf(const EncodedChunk& chunk);
size_t SizeOf(const SynthesisReport& report);

// A digest of all that an answer depends on: the voice's weights, the text and how it is read (lexicons by
// their content), the controls and the format. Whoever adds a field to SynthesisRequest adds it here.
std::string CacheKey(const SynthesisRequest& request);

class ResultCache {
 public:
  // 0 bytes: off, nothing is ever found.
  explicit ResultCache(size_t max_bytes) : max_bytes_(max_bytes) {}

  bool enabled() const { return max_bytes_ > 0; }
  // One answer takes an eighth of the cache at most, so that a book does not empty it.
  size_t max_result_bytes() const { return max_bytes_ / 8; }

  // So many bytes more of answers that are still being made are kept until they are complete; false: of those
  // there are enough, a quarter of the cache. ReleaseRecording gives them back.
  bool ReserveRecording(size_t bytes);
  void ReleaseRecording(size_t bytes) { recording_ -= bytes; }

  // nullptr when there is none.
  std::shared_ptr<const CachedResult> Find(const std::string& key) ABSL_LOCKS_EXCLUDED(mutex_);
  // Replaces; one that is too large is left out.
  void Insert(const std::string& key, CachedResult result) ABSL_LOCKS_EXCLUDED(mutex_);

  struct Snapshot {
    int64_t hits = 0;
    int64_t misses = 0;
    size_t bytes = 0;
    size_t results = 0;
  };
  Snapshot snapshot() const ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  struct Entry {
    std::string key;
    std::shared_ptr<const CachedResult> result;
    size_t bytes = 0;
  };
  void Remove(std::list<Entry>::iterator entry) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const size_t max_bytes_;
  std::atomic<size_t> recording_{0};

  mutable Mutex mutex_;
  std::list<Entry> entries_ ABSL_GUARDED_BY(mutex_);  // the most recently used first
  std::unordered_map<std::string, std::list<Entry>::iterator> by_key_ ABSL_GUARDED_BY(mutex_);
  Snapshot totals_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace m2tts
