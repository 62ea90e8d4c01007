// Prometheus metrics of jobs and governor, m2tts_job_* and m2tts_governor_*.
#pragma once

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/registry.h>

#include <map>
#include <string>
#include <vector>

#include "m2tts/v1/training.pb.h"
#include "server/jobs/governor.h"
#include "server/jobs/job_store.h"

namespace m2tts {

// Made at start; any thread may update it.
struct JobMetrics {
  explicit JobMetrics(prometheus::Registry* registry);

  void SetCounts(const std::map<v1::JobState, int64_t>& counts);
  // By the reason why they are paused, of the jobs that have not ended.
  void SetPaused(const std::vector<JobRecord>& unfinished);
  void SetProgress(const v1::JobProgress& progress);
  // No job has a worker.
  void SetIdle();
  void SetGovernor(const GovernorStatus& status);
  void RecordFailure(const std::string& failure_class);
  void RecordEnd(v1::JobState state);

  prometheus::Family<prometheus::Gauge>& jobs;    // by state
  prometheus::Family<prometheus::Gauge>& paused;  // by reason
  prometheus::Gauge& running;
  prometheus::Gauge& step;
  prometheus::Gauge& total_steps;
  prometheus::Gauge& loss;
  prometheus::Gauge& frames_per_second;
  prometheus::Gauge& eta_seconds;
  prometheus::Gauge& device_share;
  prometheus::Gauge& resident_bytes;
  prometheus::Counter& leases;
  prometheus::Counter& lease_waits;
  prometheus::Family<prometheus::Counter>& failures;  // by class
  prometheus::Family<prometheus::Counter>& ends;      // by state
  prometheus::Gauge& governor_actions;
  prometheus::Gauge& job_duty;
  prometheus::Gauge& thermal_level;
  prometheus::Gauge& memory_level;
  prometheus::Gauge& celsius;
  prometheus::Gauge& throttled;
  prometheus::Gauge& memory_available;
  prometheus::Gauge& memory_stall;
  prometheus::Gauge& device_memory;
};

}  // namespace m2tts
