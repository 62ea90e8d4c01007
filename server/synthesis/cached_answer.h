// Gives an answer of the cache to its reader, as fast as that reads.
//
// The chunks go to the sink from tasks on the worker pool, at most one at a time, and no more than
// buffer_seconds ahead of the reader: a slow one costs no more memory than it would without a cache.
// Make it with std::make_shared: tasks keep it alive.
#pragma once

#include <functional>
#include <memory>

#include "core/base/mutex.h"
#include "server/synthesis/admission.h"
#include "server/synthesis/result_cache.h"
#include "server/synthesis/running_request.h"
#include "server/synthesis/worker_pool.h"

namespace m2tts {

class CachedAnswer : public RunningRequest, public std::enable_shared_from_this<CachedAnswer> {
 public:
  struct Environment {
    PostTask post;
    std::function<TimePoint()> now;
    double buffer_seconds = 0.0;  // 0: no limit
  };

  // The sink must live until its OnDone. `ticket` may be nullptr; it is given back at the end.
  CachedAnswer(SynthesisRequest request, std::shared_ptr<const CachedResult> result,
               std::unique_ptr<Admission::Ticket> ticket, AudioSink* sink, Environment environment);
  ~CachedAnswer() override;

  void Start() override { Schedule(); }

  void Cancel(const Status& reason) override ABSL_LOCKS_EXCLUDED(mutex_);
  void OnDelivered(double seconds) override ABSL_LOCKS_EXCLUDED(mutex_);
  void LeavePlace() override;
  const SynthesisRequest& request() const override { return request_; }

 private:
  void Schedule() ABSL_LOCKS_EXCLUDED(mutex_);
  void Run() ABSL_LOCKS_EXCLUDED(mutex_);
  bool HasWork() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Complete(const Status& status);
  double SinceArrival() const;

  const SynthesisRequest request_;
  const std::shared_ptr<const CachedResult> result_;
  AudioSink* const sink_;
  const Environment environment_;
  std::unique_ptr<Admission::Ticket> ticket_;  // its place; none after LeavePlace
  double first_audio_seconds_ = 0.0;           // used by the running task

  mutable Mutex mutex_;
  size_t next_ ABSL_GUARDED_BY(mutex_) = 0;  // chunk
  double buffered_seconds_ ABSL_GUARDED_BY(mutex_) = 0.0;
  Status cancel_ ABSL_GUARDED_BY(mutex_);
  bool scheduled_ ABSL_GUARDED_BY(mutex_) = false;
  bool ended_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace m2tts
