// Runs jobs: one worker at a time, in the idle time of the device.
//
// A thread of its own looks about ten times a second, and at once when a worker says something or a
// client wants something:
//
//   1. a job runs: read what its worker says; decide whether it may go on; give leases
//        hold, with a reason: a person, the schedule, heat, memory, requests for a while
//          -> the worker waits at its next micro-step (one that is elsewhere is stopped by SIGSTOP),
//             the job is PAUSED; a long pause, another job that waits, or lack of memory ends the worker,
//             after a checkpoint where its phase has some
//        no hold, no request queued or expected -> the lease is granted, the job is RUNNING
//   2. its worker has ended: the next phase of the job, another attempt, or the end
//   3. no job runs: the next one by priority and age whose time has come
//
// A worker that is silent for too long is killed, and one that talks for as long without a pause: its words
// cost the daemon time, of which it gets little. Stop() lets the worker save a checkpoint.
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "core/base/frames.h"
#include "core/base/mutex.h"
#include "core/base/status.h"
#include "m2tts/worker/v1/lease.pb.h"
#include "server/jobs/eta_estimate.h"
#include "server/jobs/governor.h"
#include "server/jobs/job_board.h"
#include "server/jobs/job_folder.h"
#include "server/jobs/job_metrics.h"
#include "server/jobs/job_order.h"
#include "server/jobs/job_retention.h"
#include "server/jobs/job_spec.h"
#include "server/jobs/jobs_config.h"
#include "server/jobs/serving_activity.h"
#include "server/jobs/voice_publisher.h"
#include "server/jobs/worker_process.h"

namespace m2tts {

class JobSupervisor {
 public:
  // All must outlive the supervisor.
  struct Parts {
    JobBoard* board = nullptr;
    const Governor* governor = nullptr;
    ServingActivity* activity = nullptr;
    VoicePublisher* publisher = nullptr;
    JobMetrics* metrics = nullptr;
  };

  JobSupervisor(JobsConfig config, JobEnvironment environment, Parts parts);
  // Stops.
  ~JobSupervisor();

  void Start();
  // The worker is to end after a checkpoint, within config.stop_seconds, and no other starts. Any thread.
  void BeginStop();
  // The same, and joins.
  void Stop();
  // A client has asked for something. Any thread.
  void Wake();

 private:
  using Clock = std::chrono::steady_clock;

  // Why a job may not go on just now.
  struct Hold {
    v1::PauseReason reason = v1::PAUSE_REASON_UNSPECIFIED;
    std::string text;
  };
  enum class StopCause { kNone, kCancel, kRelease, kShutdown };

  // The job that has a worker.
  struct Running {
    Running();  // not here: clang has no default values of a class within the class around it
    std::string id;
    std::string phase;
    std::unique_ptr<WorkerProcess> process;
    FrameReader frames;
    bool welcomed = false;
    int64_t lease_number = 0;  // asked for and not granted; 0 = none
    double expected_seconds = 0.0;
    bool hold_sent = false;                       // for this lease
    std::optional<Clock::time_point> granted_at;  // the last lease
    std::optional<Clock::time_point> held_since;  // a hold of any kind
    std::optional<Clock::time_point> load_since;  // requests have kept the lease away
    Clock::time_point last_heard;
    Clock::time_point last_progress;
    StopCause stop = StopCause::kNone;
    Clock::time_point stop_deadline;
    v1::JobProgress progress;
    EtaEstimate eta;
    std::string first_progress;  // stage and step at which this worker began; empty: unknown
    std::string last_recorded;   // stage and step of the progress that was kept last
    int ends_recorded = 0;       // of stages
    bool advanced = false;
    std::string broken;  // what it did against the protocol, and is killed for; empty: nothing
    std::optional<Clock::time_point> talks_since;  // no look has come to the end of what it says
    std::optional<Status> done;
  };

  void Loop();
  // How long nothing needs to be looked at, milliseconds.
  int Patience() const;
  void Tick(Clock::time_point now);

  // 1.
  void Listen(Clock::time_point now);
  // Hears a bounded number of messages. True when more may be waiting.
  bool ReadWorker(Clock::time_point now);
  void Hear(const worker::v1::WorkerMessage& message, Clock::time_point now);
  void HearProgress(const worker::v1::Progress& from, Clock::time_point now);
  void Steer(Clock::time_point now);
  void HoldBack(const JobRecord& record, const Hold& hold, Clock::time_point now);
  void LetGo(const JobRecord& record, Clock::time_point now);
  bool ServingNeedsDevice() const;
  void Grant();
  void StopWorker(StopCause cause, const std::string& reason, Clock::time_point now);
  void Send(const worker::v1::DaemonMessage& message);
  // Kills a worker that breaks the protocol. `what` it does: "talks without end".
  void GiveUp(const std::string& what);

  // 2.
  void CheckExit();
  void Succeeded(const JobRecord& record);
  void CannotStart(const JobRecord& record, const std::string& phase, const Status& why);
  // Goes on with the phase after it.
  void GoOnWithoutReport(const JobRecord& record, const std::string& why);
  void Failed(const JobRecord& record, const WorkerExit& exit);
  void Publish(const JobRecord& record);
  void End(const std::string& id, v1::JobState state, const std::string& reason);

  // 3.
  void StartNext();
  bool MayStart(const JobRecord& record);
  // Cancels a job that follows one which will never have succeeded; false when there is no such reason.
  bool CancelFollower(const JobRecord& record, const JobTurn& turn);
  // Jobs that may go on, while another one runs, wait in the queue; those that never may end.
  void RequeueOthers();
  // Whether a worker has the folder of the job, such as that of an earlier daemon.
  bool HasWorker(const std::string& id) const;
  // What an earlier job of that id has left. False, and told, while its worker is still there.
  bool RemoveEarlier(const std::string& id);
  Status StartPhase(const JobRecord& record, const std::string& phase);

  std::optional<Hold> HoldFor(const JobRecord& record) const;
  bool OthersWait(const std::string& id) const;

  const JobsConfig config_;
  const JobEnvironment environment_;
  const Parts parts_;

  // Of the supervisor's thread.
  std::optional<Running> running_;
  JobRetention retention_;
  Clock::time_point next_retention_;
  Clock::time_point next_look_;  // at the jobs that do not run

  int wake_pipe_[2] = {-1, -1};
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace m2tts
