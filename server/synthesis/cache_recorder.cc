#include "server/synthesis/cache_recorder.h"

#include <utility>

namespace m2tts {

void CacheRecorder::OnChunk(EncodedChunk chunk) {
  if (!too_large_) {
    const size_t bytes = SizeOf(chunk);
    too_large_ = bytes_ + bytes > cache_->max_result_bytes() || !cache_->ReserveRecording(bytes);
    if (too_large_) {
      result_.chunks = {};
      cache_->ReleaseRecording(std::exchange(bytes_, 0));
    } else {
      bytes_ += bytes;
      result_.chunks.push_back(chunk);
    }
  }
  sink_->OnChunk(std::move(chunk));
}

void CacheRecorder::OnDone(const Status& status, const SynthesisReport& report) {
  const std::unique_ptr<CacheRecorder> self(this);
  if (status.ok() && !too_large_) {
    result_.report = report;
    cache_->Insert(key_, std::move(result_));
  }
  sink_->OnDone(status, report);
}

}  // namespace m2tts
