// Live answers that are open and say nothing: what a daemon pays for people who are about to speak.
//
// Open and the destructor block; one thread.
#pragma once

#include <memory>
#include <set>
#include <vector>

#include "client/connection.h"
#include "core/base/mutex.h"
#include "core/base/status.h"
#include "m2tts/v1/synthesizer.grpc.pb.h"

namespace m2tts {

class IdleStreams {
 public:
  // `count` of them, spread over `stubs`, which outlive them; each has answered that it is open. The first
  // error, RESOURCE_EXHAUSTED when the daemon takes fewer (limits.max_live).
  static StatusOr<std::unique_ptr<IdleStreams>> Open(
      const std::vector<std::unique_ptr<v1::Synthesizer::Stub>>& stubs, const ClientOptions& client,
      const v1::SynthesizeRequest& config, int count);
  // Hangs up.
  ~IdleStreams();

 private:
  class Stream;
  IdleStreams() = default;

  // From the streams' callbacks.
  void OnOpen() ABSL_LOCKS_EXCLUDED(mutex_);
  void OnEnd(Stream* stream, const Status& status) ABSL_LOCKS_EXCLUDED(mutex_);
  Status WaitOpen(int count) ABSL_LOCKS_EXCLUDED(mutex_);

  Mutex mutex_;
  CondVar changed_;
  std::set<Stream*> streams_ ABSL_GUARDED_BY(mutex_);
  int open_ ABSL_GUARDED_BY(mutex_) = 0;
  Status error_ ABSL_GUARDED_BY(mutex_);  // of the first that ended
};

}  // namespace m2tts
