// Jobs, put together: store, board, supervisor, publisher. Absent in a daemon without state_dir.
//
// Made and stopped by the daemon's main thread; outlives the gRPC server.
#pragma once

#include <memory>

#include "core/base/status.h"
#include "server/jobs/artifacts.h"
#include "server/jobs/job_board.h"
#include "server/jobs/job_folder.h"
#include "server/jobs/job_metrics.h"
#include "server/jobs/job_supervisor.h"
#include "server/jobs/voice_publisher.h"
#include "server/synthesis/worker_pool.h"

namespace m2tts {

class JobSystem {
 public:
  // `governor`, `activity` and `metrics` must outlive it. Errors are those of the store.
  static StatusOr<std::unique_ptr<JobSystem>> Open(const JobsConfig& config, JobEnvironment environment,
                                                   const Governor* governor, ServingActivity* activity,
                                                   JobMetrics* metrics, VoicePublisher::GoLive go_live);
  ~JobSystem();

  // Jobs begin to run.
  void Start() { supervisor_->Start(); }
  // No watcher keeps the daemon from stopping.
  void CloseWatchers() { board_->CloseWatchers(); }
  // The worker saves a checkpoint and ends, and no other follows.
  void BeginStop() { supervisor_->BeginStop(); }
  // Waits for that.
  void Stop() { supervisor_->Stop(); }

  JobBoard& board() { return *board_; }
  VoicePublisher& publisher() { return *publisher_; }
  Artifacts& artifacts() { return artifacts_; }
  const JobsConfig& config() const { return config_; }
  const JobEnvironment& environment() const { return environment_; }
  // For what takes longer than a call may: asking the trainer, publishing.
  WorkerPool& pool() { return *pool_; }
  // For reading events.
  WorkerPool& watch_pool() { return *watch_pool_; }

 private:
  JobSystem(JobsConfig config, JobEnvironment environment, std::unique_ptr<JobBoard> board,
            const Governor* governor, ServingActivity* activity, JobMetrics* metrics,
            VoicePublisher::GoLive go_live);

  const JobsConfig config_;
  const JobEnvironment environment_;
  const std::unique_ptr<JobBoard> board_;
  const std::unique_ptr<VoicePublisher> publisher_;
  const std::unique_ptr<JobSupervisor> supervisor_;
  Artifacts artifacts_;
  std::unique_ptr<WorkerPool> pool_;
  std::unique_ptr<WorkerPool> watch_pool_;
};

}  // namespace m2tts
