// Between a job and its sink: passes everything on, and puts a complete answer into the cache.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "server/synthesis/result_cache.h"

namespace m2tts {

// Deletes itself after OnDone, like the sinks that it stands before. `cache` outlives it.
class CacheRecorder : public AudioSink {
 public:
  CacheRecorder(ResultCache* cache, std::string key, AudioSink* sink)
      : cache_(cache), key_(std::move(key)), sink_(sink) {}

  ~CacheRecorder() override { cache_->ReleaseRecording(bytes_); }

  void OnChunk(EncodedChunk chunk) override;
  void OnDone(const Status& status, const SynthesisReport& report) override;

 private:
  ResultCache* const cache_;
  const std::string key_;
  AudioSink* const sink_;
  CachedResult result_;
  size_t bytes_ = 0;  // reserved
  bool too_large_ = false;
};

}  // namespace m2tts
