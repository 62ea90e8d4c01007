// The trainer's end of the lease protocol (proto/m2tts/worker/v1/lease.proto): asks m2ttsd before each
// micro-step, tells it how the run goes, and stops the run when the daemon says so or is gone.
//
// Owned by the command `train`. The run's thread calls it as gate and sink; a thread of its own listens
// and sends heartbeats.
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "core/base/frames.h"
#include "core/base/mutex.h"
#include "core/base/status.h"
#include "core/device/sensors.h"
#include "trainer/loop/step_gate.h"
#include "trainer/worker/lease_codec.h"

namespace m2tts {

class LeaseClient : public StepGate, public RunSink {
 public:
  // `socket` is connected to the daemon, and owned from here on. `stop` becomes true when the run has to
  // end; it must outlive this. UNAVAILABLE when the daemon does not answer, FAILED_PRECONDITION when
  // it speaks another protocol.
  static StatusOr<std::unique_ptr<LeaseClient>> Connect(int socket, std::atomic<bool>* stop);
  ~LeaseClient() override;

  Status BeforeStep(const std::function<Status()>& save) override ABSL_LOCKS_EXCLUDED(mutex_);
  void BeforePiece() override ABSL_LOCKS_EXCLUDED(mutex_);
  double max_piece_seconds() const override { return max_step_seconds_; }

  void OnProgress(const Progress& progress) override;
  void OnMessage(const std::string& text) override;
  void OnSample(const std::string& path) override;

  // The last message: how the run ended.
  void Done(const Status& status);

  // Why the daemon wanted an end; empty when it did not.
  std::string stop_reason() ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  using Clock = std::chrono::steady_clock;

  LeaseClient(int socket, std::atomic<bool>* stop);
  void Listen();
  void Take(const DaemonMessage& message) ABSL_LOCKS_EXCLUDED(mutex_);
  void Stop(const std::string& reason) ABSL_LOCKS_EXCLUDED(mutex_);
  // Asks, and waits for the answer; `save` may be null.
  Status Ask(const std::function<Status()>& save) ABSL_LOCKS_EXCLUDED(mutex_);
  void Send(const std::string& message) ABSL_LOCKS_EXCLUDED(send_mutex_);

  const int socket_;
  std::atomic<bool>* const stop_;
  FrameReader frames_;  // of the listening thread

  Mutex send_mutex_;  // keeps frames whole

  Mutex mutex_;
  CondVar changed_;
  bool welcome_ ABSL_GUARDED_BY(mutex_) = false;
  double welcome_step_seconds_ ABSL_GUARDED_BY(mutex_) = 0.0;
  bool hold_ ABSL_GUARDED_BY(mutex_) = false;  // the answer will take long
  bool closing_ ABSL_GUARDED_BY(mutex_) = false;
  int64_t granted_ ABSL_GUARDED_BY(mutex_) = 0;  // number of the newest grant
  std::string stop_reason_ ABSL_GUARDED_BY(mutex_);

  // Of the run's thread.
  double max_step_seconds_ = 0.0;  // set by Connect
  int64_t asked_ = 0;
  bool fresh_ = false;  // BeforeStep has a grant that the first piece may use
  Clock::time_point granted_at_;
  double piece_seconds_ = 0.0;  // smoothed
  double waited_seconds_ = 0.0;
  Clock::time_point started_;
  Clock::time_point last_progress_;
  std::string stage_;
  std::pair<int64_t, double> machine_;  // resident bytes and celsius at the last look
  std::string unsent_progress_;         // newer than the last that was sent; empty: none
  const std::unique_ptr<Sensors> sensors_;

  std::thread thread_;
};

}  // namespace m2tts
