// Sends the requests of a plan to a daemon and measures the answers.
//
// Open loop: each request goes at its time, however many are on their way, and latency counts from
// the time at which it was due. A daemon (or this program) that stalls is charged for everybody who
// had to wait, where a closed loop would politely ask less ("coordinated omission").
// Closed loop: so many at a time, each followed by the next.
//
// Run blocks; Cancel may be called by any thread.
#pragma once

#include <chrono>
#include <condition_variable>
#include <memory>
#include <set>
#include <vector>

#include "client/bench/idle_streams.h"
#include "client/bench/load_plan.h"
#include "client/bench/load_result.h"
#include "client/synthesis_client.h"
#include "core/base/mutex.h"

namespace m2tts {

class BenchCall;

class LoadGenerator {
 public:
  LoadGenerator(ClientOptions client, LoadOptions load);
  ~LoadGenerator();

  // All requests until the limits of the options, or Cancel. The daemon must answer GetStatus, open the idle
  // streams and show its metrics, where they are asked for, else that error.
  StatusOr<LoadResult> Run();
  // Sends no more and cancels those on their way; Run then returns what there is.
  void Cancel() ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  friend class BenchCall;

  double Now() const;
  bool MayStart(int64_t started) const;
  void WarmUp();
  // By how many bytes each made the daemon grow.
  StatusOr<double> OpenIdleStreams(SynthesisClient* admin);
  // Until the daemon has ended what it was asked to cancel, or some seconds.
  void WaitIdle(SynthesisClient* admin) ABSL_LOCKS_EXCLUDED(mutex_);
  // The daemon's m2tts_cancel_to_stop_seconds; nullopt when nobody asks for it.
  StatusOr<std::optional<MetricHistogram>> CancelToStop() const;
  void RunOpen();
  void RunClosed();
  // False when it is time to stop.
  bool WaitUntil(double time) ABSL_LOCKS_EXCLUDED(mutex_);
  void WaitForFewer(size_t calls) ABSL_LOCKS_EXCLUDED(mutex_);
  void Start(PlannedRequest planned) ABSL_LOCKS_EXCLUDED(mutex_);
  // From the last callback of a call, which is gone afterwards.
  void Finished(BenchCall* call, const CallRecord& record) ABSL_LOCKS_EXCLUDED(mutex_);

  const ClientOptions client_;
  const LoadOptions load_;
  LoadPlan plan_;
  std::vector<std::unique_ptr<v1::Synthesizer::Stub>> stubs_;  // one per connection
  std::unique_ptr<IdleStreams> idle_;
  size_t next_stub_ = 0;
  std::chrono::steady_clock::time_point start_;
  bool counting_ = false;

  Mutex mutex_;
  CondVar changed_;
  bool cancelled_ ABSL_GUARDED_BY(mutex_) = false;
  std::set<BenchCall*> calls_ ABSL_GUARDED_BY(mutex_);
  LoadResult result_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace m2tts
