#include "server/jobs/job_retention.h"

#include <spdlog/spdlog.h>

#include <filesystem>
#include <utility>

namespace m2tts {
namespace {

constexpr double kSecondsPerDay = 86400.0;
constexpr int kEventsOfStep = 2000;

}  // namespace

JobRetention::JobRetention(const JobsConfig& config, JobEnvironment environment, JobBoard* board)
    : keep_days_(config.keep_days),
      forget_days_(config.forget_days),
      environment_(std::move(environment)),
      board_(board) {}

bool JobRetention::Step(int jobs) {
  const bool more_files = keep_days_ > 0 && DropFiles(jobs);
  const bool more_jobs = forget_days_ > 0 && Forget(jobs);
  return more_files || more_jobs;
}

bool JobRetention::DropFiles(int limit) {
  const auto jobs = board_->store().Ended(dropped_, board_->now() - kSecondsPerDay * keep_days_, limit);
  if (!jobs.ok()) return false;  // the next round tries again
  for (const EndedJob& job : *jobs) {
    if (board_->IsAwaited(job.id)) {
      if (!awaited_.has_value()) awaited_ = dropped_;
      dropped_ = job;
      continue;
    }
    std::error_code error;
    if (std::filesystem::remove_all(environment_.job(job.id), error) > 0 && !error) {
      spdlog::info("job {}: its files are {} days old, and deleted", job.id, keep_days_);
    }
    const auto more_events = board_->store().DropEvents(job.number, kEventsOfStep);
    if (!more_events.ok()) return false;
    if (*more_events) return true;  // the rest in the next step
    dropped_ = job;
  }
  if (jobs->size() == static_cast<size_t>(limit)) return true;
  if (awaited_.has_value()) dropped_ = *std::exchange(awaited_, std::nullopt);
  return false;
}

bool JobRetention::Forget(int limit) {
  const auto jobs = board_->store().Ended(forgotten_, board_->now() - kSecondsPerDay * forget_days_, limit);
  if (!jobs.ok()) return false;
  for (const EndedJob& job : *jobs) {
    forgotten_ = job;
    if (!MayForget(job) || !board_->Delete(job.id).ok()) continue;  // refused while another waits for it
    environment_.RemoveJob(job.id);
    spdlog::info("job {}: ended {} days ago, and forgotten", job.id, forget_days_);
  }
  if (jobs->size() == static_cast<size_t>(limit)) return true;
  forgotten_ = {};  // what has to stay now may go in another round
  return false;
}

bool JobRetention::MayForget(const EndedJob& job) const {
  const auto published = board_->store().HasPublished(job.id);
  return published.ok() && !*published;
}

}  // namespace m2tts
