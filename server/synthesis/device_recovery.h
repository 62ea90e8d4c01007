// Whether the device can be trusted, and how it comes back when it cannot.
//
// Behaviour: the lanes tell how each batch went, and the daemon's watch looks twice a second.
//   serving -> failed    `failures` batches in a row ended with an error of the device, which the golden
//   sentence met, too.
//                        Lack of memory is none, nor is anything that a request is to blame for
//   any     -> stuck     a lane does not answer
//   stuck   -> failed    it is back: what it holds is not trusted
//   failed  -> serving   an attempt went well: every voice was loaded from disk and spoke the golden sentence
//   failed  -> failed    it did not: the next one follows after a wait that doubles up to max_wait
// A device that fails again soon after a recovery, within max_wait, waits on from where it was: a sentence
// that is spoken well does not mean that all are. While it does not serve, new requests and those inside get
// UNAVAILABLE with a google.rpc.RetryInfo: nobody hangs.
//
// Pure logic: time comes in, and the attempt is the caller's. Any thread may call.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "core/base/mutex.h"
#include "core/base/status.h"
#include "server/synthesis/scheduler.h"

namespace m2tts {

struct RecoveryOptions {
  int failures = 3;  // batches in a row; at 1 a hiccup would cost a reload
  std::chrono::milliseconds first_wait{1000};
  std::chrono::milliseconds max_wait{60'000};
};

// UNAVAILABLE, to be tried again after `seconds`: here, or elsewhere at once.
Status DeviceUnavailable(const std::string& what, double seconds);

class DeviceRecovery {
 public:
  enum class State : uint8_t { kServing, kStuck, kFailed };

  explicit DeviceRecovery(const RecoveryOptions& options = {}) : options_(options) {}

  // How a batch went: OK, or the error of the device, and whether it spoke the golden sentence after that.
  // True when this was one failure too many: the requests inside are to be ended with Check().
  bool OnBatch(const Status& status, TimePoint now, bool speaks = false) ABSL_LOCKS_EXCLUDED(mutex_);

  // `stalled`: some lane does not answer. True when an attempt is due; one call of OnAttempt follows it.
  bool Watch(bool stalled, TimePoint now) ABSL_LOCKS_EXCLUDED(mutex_);
  void OnAttempt(const Status& outcome, TimePoint now) ABSL_LOCKS_EXCLUDED(mutex_);

  // OK while serving, else what to tell requests.
  Status Check(TimePoint now) const ABSL_LOCKS_EXCLUDED(mutex_);

  struct Snapshot {
    State state = State::kServing;
    int64_t failures = 0;  // batches that ended with an error of the device, since the start
    int64_t recoveries = 0;
    int64_t failed_attempts = 0;
    std::string last_error;  // of a batch or an attempt; empty: none yet
  };
  Snapshot snapshot() const ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  void Fail(TimePoint now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Wait(TimePoint now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const RecoveryOptions options_;

  mutable Mutex mutex_;
  Snapshot totals_ ABSL_GUARDED_BY(mutex_);
  int in_a_row_ ABSL_GUARDED_BY(mutex_) = 0;
  bool attempting_ ABSL_GUARDED_BY(mutex_) = false;
  TimePoint next_attempt_ ABSL_GUARDED_BY(mutex_);
  std::chrono::milliseconds wait_ ABSL_GUARDED_BY(mutex_) = options_.first_wait;
  TimePoint recovered_ ABSL_GUARDED_BY(mutex_) = TimePoint::min();  // for the last time
};

}  // namespace m2tts
