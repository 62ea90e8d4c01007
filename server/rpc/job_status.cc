#include "server/rpc/job_status.h"

#include "server/jobs/governor.h"
#include "server/jobs/job_system.h"

namespace m2tts {
namespace {

std::string LevelText(const LevelReport& report) {
  return report.level.has_value() ? LevelName(*report.level) : "unknown";
}

void FillGovernor(const GovernorStatus& from, v1::GovernorStatus* to) {
  to->set_enabled(from.enabled);
  to->set_thermal_level(LevelText(from.thermal));
  to->set_memory_level(LevelText(from.memory));
  to->set_reason(from.reason);
  to->set_job_duty(from.duty);
  for (int i = 0; i < from.active; ++i) to->add_actions(GovernorActionName(static_cast<GovernorAction>(i)));
  if (from.heat.celsius.has_value()) to->set_celsius(*from.heat.celsius);
  if (from.room.available_bytes.has_value()) to->set_available_bytes(*from.room.available_bytes);
  if (from.room.limit_bytes.has_value()) to->set_limit_bytes(*from.room.limit_bytes);
  if (from.room.device_percent.has_value()) to->set_device_memory_percent(*from.room.device_percent);
}

void FillJobs(JobSystem* jobs, v1::JobsStatus* to) {
  for (const JobRecord& record : jobs->board().Active()) {
    switch (record.job.state()) {
      case v1::JOB_STATE_QUEUED:
        to->set_queued(to->queued() + 1);
        break;
      case v1::JOB_STATE_PAUSED:
        to->set_paused(to->paused() + 1);
        break;
      default:
        break;
    }
    const bool shown = record.job.state() == v1::JOB_STATE_RUNNING ||
                       (record.job.state() == v1::JOB_STATE_PAUSED && !to->has_current());
    if (!shown) continue;
    *to->mutable_current() = record.job;
    to->mutable_current()->mutable_spec()->clear_config_yaml();
  }
}

}  // namespace

void FillJobStatus(const ServerContext& context, v1::ServerStatus* status) {
  if (context.governor != nullptr) FillGovernor(context.governor->status(), status->mutable_governor());
  if (context.jobs != nullptr) FillJobs(context.jobs, status->mutable_jobs());
}

}  // namespace m2tts
