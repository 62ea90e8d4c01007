#include "server/jobs/job_system.h"

#include <utility>

#include "core/base/file.h"

namespace m2tts {
namespace {

constexpr int kMaxPending = 32;
constexpr int kJobThreads = 2;  // one may wait for the trainer

}  // namespace

StatusOr<std::unique_ptr<JobSystem>> JobSystem::Open(const JobsConfig& config, JobEnvironment environment,
                                                     const Governor* governor, ServingActivity* activity,
                                                     JobMetrics* metrics, VoicePublisher::GoLive go_live) {
  M2TTS_RETURN_IF_ERROR(environment.CheckFolders());
  M2TTS_RETURN_IF_ERROR(MakeFolder(environment.state_dir / "jobs"));
  M2TTS_ASSIGN_OR_RETURN(auto store, JobStore::Open(environment.store()));
  M2TTS_ASSIGN_OR_RETURN(auto board, JobBoard::Open(std::move(store), {}, config.max_unfinished));
  return std::unique_ptr<JobSystem>(new JobSystem(config, std::move(environment), std::move(board), governor,
                                                  activity, metrics, std::move(go_live)));
}

JobSystem::JobSystem(JobsConfig config, JobEnvironment environment, std::unique_ptr<JobBoard> board,
                     const Governor* governor, ServingActivity* activity, JobMetrics* metrics,
                     VoicePublisher::GoLive go_live)
    : config_(std::move(config)),
      environment_(std::move(environment)),
      board_(std::move(board)),
      publisher_(std::make_unique<VoicePublisher>(&board_->store(), environment_, std::move(go_live))),
      supervisor_(std::make_unique<JobSupervisor>(
          config_, environment_,
          JobSupervisor::Parts{board_.get(), governor, activity, publisher_.get(), metrics})),
      pool_(std::make_unique<WorkerPool>(kJobThreads, kMaxPending)),
      watch_pool_(std::make_unique<WorkerPool>(1, kMaxPending)) {
  environment_.RemoveLeftovers();
  board_->OnRequest([this] { supervisor_->Wake(); });
}

JobSystem::~JobSystem() {
  pool_.reset();
  watch_pool_.reset();
  supervisor_->Stop();
}

}  // namespace m2tts
