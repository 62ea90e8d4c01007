// Loads voices that requests ask for and that made room for others: once for all who wait.
//
// Get returns at once, and the voice or the error comes later, from the thread that loads or gives up. What
// could not be loaded is not tried again for a few seconds, so that a damaged bundle costs the device nothing
// however many ask for it. Any thread may call; `load` runs where `post` puts it.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/base/mutex.h"
#include "core/base/status.h"
#include "server/voices/voice.h"

namespace m2tts {

class VoiceDemand {
 public:
  using Result = StatusOr<std::shared_ptr<const Voice>>;
  using Ready = std::function<void(const Result&)>;
  using Load = std::function<Result(const std::string& name)>;
  using Post = std::function<void(std::function<void()>)>;
  using Clock = std::function<std::chrono::steady_clock::time_point()>;

  VoiceDemand(Load load, Post post, Clock now = &std::chrono::steady_clock::now)
      : load_(std::move(load)), post_(std::move(post)), now_(std::move(now)) {}

  // `ready` is called once. Names are those of known voices: each is remembered while it cannot be loaded.
  void Get(const std::string& name, Ready ready) ABSL_LOCKS_EXCLUDED(mutex_);

  // Whoever waits gets `reason`; what is being loaded goes on.
  void GiveUp(const Status& reason) ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  struct Wanted {
    std::vector<Ready> waiting;
    bool loading = false;
    Status error;                                    // of the last attempt,
    std::chrono::steady_clock::time_point retry_at;  // told until then
  };
  void Run(const std::string& name) ABSL_LOCKS_EXCLUDED(mutex_);

  const Load load_;
  const Post post_;
  const Clock now_;

  Mutex mutex_;
  std::map<std::string, Wanted> wanted_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace m2tts
