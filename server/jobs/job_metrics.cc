#include "server/jobs/job_metrics.h"

#include <limits>
#include <optional>

#include "server/jobs/job_state.h"
#include "server/ops/make_metric.h"

namespace m2tts {
namespace {

double LevelValue(const LevelReport& report) {
  return report.level.has_value() ? static_cast<double>(*report.level) : -1.0;
}

template <typename T>
double OrNan(const std::optional<T>& value) {
  return value.has_value() ? static_cast<double>(*value) : std::numeric_limits<double>::quiet_NaN();
}

}  // namespace

JobMetrics::JobMetrics(prometheus::Registry* registry)
    : jobs(prometheus::BuildGauge()
               .Name("m2tts_jobs")
               .Help("Jobs in the store, by state")
               .Register(*registry)),
      paused(prometheus::BuildGauge()
                 .Name("m2tts_jobs_paused")
                 .Help("Paused jobs, by reason")
                 .Register(*registry)),
      running(MakeGauge(registry, "m2tts_job_running", "1 while a job has a worker")),
      step(MakeGauge(registry, "m2tts_job_step", "Optimizer steps done in the stage of the running job")),
      total_steps(MakeGauge(registry, "m2tts_job_total_steps", "Optimizer steps of that stage")),
      loss(MakeGauge(registry, "m2tts_job_loss", "Last loss of the running job")),
      frames_per_second(MakeGauge(registry, "m2tts_job_frames_per_second",
                                  "Mel frames that the running job learns from, a second")),
      eta_seconds(MakeGauge(registry, "m2tts_job_eta_seconds", "Predicted time to the end of the stage")),
      device_share(MakeGauge(registry, "m2tts_job_device_share",
                             "Part of the time that the running job did not wait for a lease")),
      resident_bytes(MakeGauge(registry, "m2tts_job_resident_memory_bytes", "Memory of the worker in RAM")),
      leases(MakeCounter(registry, "m2tts_job_leases_total", "Micro-steps that were allowed to start")),
      lease_waits(MakeCounter(registry, "m2tts_job_lease_waits_total",
                              "Micro-steps that had to wait for requests, heat, memory or a person")),
      failures(prometheus::BuildCounter()
                   .Name("m2tts_job_failures_total")
                   .Help("Workers that failed, by class")
                   .Register(*registry)),
      ends(prometheus::BuildCounter()
               .Name("m2tts_job_ends_total")
               .Help("Jobs that ended, by state")
               .Register(*registry)),
      governor_actions(MakeGauge(registry, "m2tts_governor_actions",
                                 "Actions in force against heat and lack of memory, 0 to 6")),
      job_duty(
          MakeGauge(registry, "m2tts_governor_job_duty", "Part of the time that jobs may compute, for heat")),
      thermal_level(
          MakeGauge(registry, "m2tts_thermal_level", "0 nominal, 1 fair, 2 serious, 3 critical, -1 unknown")),
      memory_level(
          MakeGauge(registry, "m2tts_memory_level", "0 nominal, 1 fair, 2 serious, 3 critical, -1 unknown")),
      celsius(MakeGauge(registry, "m2tts_temperature_celsius", "Hottest sensor; NaN = unknown")),
      throttled(MakeGauge(registry, "m2tts_processor_throttled",
                          "1 while the processor slows itself down for heat; NaN = unknown")),
      memory_available(MakeGauge(registry, "m2tts_memory_available_bytes",
                                 "Memory that may still be used; NaN = unknown")),
      memory_stall(MakeGauge(registry, "m2tts_memory_stall_ratio",
                             "Part of the time that somebody waits for memory (PSI); NaN = unknown")),
      device_memory(MakeGauge(registry, "m2tts_device_memory_ratio",
                              "Part of the memory of the GPU that is in use; NaN = unknown")) {
  SetIdle();
  SetGovernor({});  // nothing is known before the first look
}

void JobMetrics::SetCounts(const std::map<v1::JobState, int64_t>& counts) {
  for (int state = v1::JOB_STATE_QUEUED; state <= v1::JOB_STATE_CANCELLED; ++state) {
    const auto key = static_cast<v1::JobState>(state);
    const auto found = counts.find(key);
    jobs.Add({{"state", JobStateName(key)}})
        .Set(found == counts.end() ? 0.0 : static_cast<double>(found->second));
  }
}

void JobMetrics::SetProgress(const v1::JobProgress& progress) {
  running.Set(1);
  step.Set(static_cast<double>(progress.step()));
  total_steps.Set(static_cast<double>(progress.total_steps()));
  loss.Set(progress.loss());
  frames_per_second.Set(progress.frames_per_second());
  eta_seconds.Set(static_cast<double>(progress.eta().seconds()) + 1e-9 * progress.eta().nanos());
  device_share.Set(progress.device_share());
  resident_bytes.Set(static_cast<double>(progress.resident_bytes()));
}

void JobMetrics::SetPaused(const std::vector<JobRecord>& unfinished) {
  std::map<v1::PauseReason, int> counts;
  for (const JobRecord& record : unfinished) {
    if (record.job.state() == v1::JOB_STATE_PAUSED) ++counts[record.job.pause_reason()];
  }
  for (int reason = v1::PAUSE_REASON_UNSPECIFIED + 1; reason <= v1::PauseReason_MAX; ++reason) {
    const auto key = static_cast<v1::PauseReason>(reason);
    if (v1::PauseReason_IsValid(reason)) paused.Add({{"reason", PauseReasonName(key)}}).Set(counts[key]);
  }
}

void JobMetrics::SetIdle() {
  for (prometheus::Gauge* gauge :
       {&running, &step, &total_steps, &frames_per_second, &device_share, &resident_bytes}) {
    gauge->Set(0);
  }
  for (prometheus::Gauge* gauge : {&loss, &eta_seconds}) gauge->Set(OrNan(std::optional<double>()));
}

void JobMetrics::SetGovernor(const GovernorStatus& status) {
  governor_actions.Set(status.active);
  job_duty.Set(status.duty);
  thermal_level.Set(LevelValue(status.thermal));
  memory_level.Set(LevelValue(status.memory));
  celsius.Set(OrNan(status.heat.celsius));
  throttled.Set(OrNan(status.heat.throttling));
  memory_available.Set(OrNan(status.room.available_bytes));
  memory_stall.Set(OrNan(status.room.stall_percent) / 100.0);
  device_memory.Set(OrNan(status.room.device_percent) / 100.0);
}

void JobMetrics::RecordFailure(const std::string& failure_class) {
  failures.Add({{"class", failure_class}}).Increment();
}

void JobMetrics::RecordEnd(v1::JobState state) {
  ends.Add({{"state", JobStateName(state)}}).Increment();
}

}  // namespace m2tts
