#include "server/jobs/job_metrics.h"

#include <gtest/gtest.h>
#include <prometheus/registry.h>

#include <cmath>

namespace m2tts {
namespace {

TEST(JobMetricsTest, WhatNobodyKnowsIsNoNumber) {
  prometheus::Registry registry;
  JobMetrics metrics(&registry);
  GovernorStatus status;
  metrics.SetGovernor(status);
  EXPECT_TRUE(std::isnan(metrics.celsius.Value()));
  EXPECT_TRUE(std::isnan(metrics.throttled.Value()));
  EXPECT_TRUE(std::isnan(metrics.memory_available.Value()));
  EXPECT_TRUE(std::isnan(metrics.memory_stall.Value()));
  status.heat.celsius = 0.0;  // a cold morning
  status.heat.throttling = false;
  status.room.available_bytes = 1 << 20;
  status.room.stall_percent = 25.0;
  metrics.SetGovernor(status);
  EXPECT_EQ(metrics.celsius.Value(), 0.0);
  EXPECT_EQ(metrics.throttled.Value(), 0.0);
  EXPECT_EQ(metrics.memory_available.Value(), 1 << 20);
  EXPECT_EQ(metrics.memory_stall.Value(), 0.25);
}

TEST(JobMetricsTest, ProgressIsShownAndEndsWithTheJob) {
  prometheus::Registry registry;
  JobMetrics metrics(&registry);
  v1::JobProgress progress;
  progress.set_step(7);
  progress.set_frames_per_second(2150);
  metrics.SetProgress(progress);
  EXPECT_EQ(metrics.running.Value(), 1.0);
  EXPECT_EQ(metrics.frames_per_second.Value(), 2150.0);
  metrics.SetIdle();
  EXPECT_EQ(metrics.running.Value(), 0.0);
  EXPECT_EQ(metrics.frames_per_second.Value(), 0.0);
}

}  // namespace
}  // namespace m2tts
