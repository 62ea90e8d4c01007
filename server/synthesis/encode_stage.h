// Encodes the audio of one request off the device thread and hands it to the sink, in order.
//
// Push and Finish are called by the device thread; the work runs in tasks on the worker
// pool, at most one at a time, each for some 20 ms. Make it with std::make_shared: tasks keep it alive.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>

#include "core/base/mutex.h"
#include "server/synthesis/audio_pipeline.h"
#include "server/synthesis/worker_pool.h"

namespace m2tts {

class EncodeStage : public std::enable_shared_from_this<EncodeStage> {
 public:
  // `on_error` is called, without locks held, when error() has come to be.
  EncodeStage(
      std::unique_ptr<AudioPipeline> pipeline, AudioSink* sink, PostTask post,
      std::function<void()> on_error = [] {})
      : pipeline_(std::move(pipeline)), sink_(sink), post_(std::move(post)), on_error_(std::move(on_error)) {}

  void Push(DeviceAudio audio);
  // Nothing is pushed after. When `status` is not OK what waits is thrown away. `sink_owner`
  // keeps the sink alive until its OnDone.
  void Finish(const Status& status, SynthesisReport report, std::shared_ptr<const AudioSink> sink_owner);

  // Takes away what waits to be encoded.
  std::deque<DeviceAudio> Drop();

  // Why encoding failed, if it did: the device should stop.
  Status error() const;

 private:
  struct End {
    Status status;
    SynthesisReport report;
    std::shared_ptr<const AudioSink> sink_owner;
  };

  void Schedule() ABSL_LOCKS_EXCLUDED(mutex_);
  void Run() ABSL_LOCKS_EXCLUDED(mutex_);
  void Encode(DeviceAudio audio);
  void Complete(End end);
  // Runs a step of the pipeline under the clock.
  template <typename Step>
  StatusOr<EncodedChunk> Timed(const Step& step);
  void Emit(StatusOr<EncodedChunk> chunk);

  const std::unique_ptr<AudioPipeline> pipeline_;  // used by the running task
  AudioSink* const sink_;                          // likewise
  double seconds_ = 0.0;                           // likewise: spent in the pipeline
  const PostTask post_;
  const std::function<void()> on_error_;

  mutable Mutex mutex_;
  std::deque<DeviceAudio> queue_ ABSL_GUARDED_BY(mutex_);
  std::optional<End> end_ ABSL_GUARDED_BY(mutex_);
  bool scheduled_ ABSL_GUARDED_BY(mutex_) = false;
  Status error_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace m2tts
