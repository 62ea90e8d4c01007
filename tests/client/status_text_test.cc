// What `m2tts status` prints, as golden text.
#include "client/commands/status_text.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace m2tts {
namespace {

v1::ServerStatus Serving() {
  v1::ServerStatus status;
  status.set_state(v1::SERVER_STATE_SERVING);
  status.set_version("0.1.0");
  status.set_commit("0123abc");
  status.set_torch_version("2.1.0");
  status.mutable_uptime()->set_seconds(3725);
  status.mutable_uptime()->set_nanos(400'000'000);
  status.mutable_device()->set_device("cpu");
  status.mutable_device()->set_reason("the only one");
  status.mutable_device()->set_cpu_threads(2);
  status.mutable_queue()->set_requests(3);
  status.mutable_queue()->set_max_requests(64);
  status.mutable_queue()->set_audio_seconds(12.5);
  status.mutable_queue()->set_max_audio_seconds(600);
  status.mutable_queue()->set_real_time_factor(0.05214);
  status.mutable_queue()->set_streams(2);
  status.set_default_voice("en_US-slt");
  status.add_voices("en_US-multi");
  status.add_voices("en_US-slt");
  status.set_resident_bytes(123'456'789);
  status.set_requests_total(1234);
  status.set_audio_seconds_total(5678.91);
  return status;
}

constexpr char kServing[] =
    "state      SERVING\n"
    "version    0.1.0 (commit 0123abc, LibTorch 2.1.0)\n"
    "uptime     3725 s\n"
    "device     cpu (the only one), 2 threads\n"
    "memory     123 MB\n"
    "queue      3 of 64 requests, 12.5 of 600 s of audio, 2 streams\n"
    "done       1234 requests, 5678.9 s of audio, real-time factor 0.0521\n"
    "voices     en_US-multi en_US-slt*\n";

// What is told after the lines of every daemon.
std::string Rest(const v1::ServerStatus& status) {
  const std::string text = StatusText(status), all = kServing;
  EXPECT_EQ(text.substr(0, all.size()), all);
  return text.substr(std::min(text.size(), all.size()));
}

TEST(StatusTextTest, ADaemonWithoutJobs) {
  EXPECT_EQ(StatusText(Serving()), kServing);
}

TEST(StatusTextTest, ADeviceThatHasFailed) {
  v1::ServerStatus status = Serving();
  status.set_state(v1::SERVER_STATE_RECOVERING);
  status.mutable_device()->set_failures(3);
  status.mutable_device()->set_failed_recoveries(2);
  status.mutable_device()->set_last_error("CUDA error");
  const std::string text = StatusText(status);
  EXPECT_EQ(text.rfind("state      RECOVERING\n", 0), 0U) << text;
  EXPECT_NE(
      text.find(
          "2 threads\n           3 failed batches, 0 recoveries, 2 failed attempts; last: CUDA error\n"),
      std::string::npos)
      << text;
}

TEST(StatusTextTest, HeatAndMemoryAndWhatIsDoneAboutThem) {
  v1::ServerStatus status = Serving();
  auto* governor = status.mutable_governor();
  governor->set_thermal_level("serious");
  governor->set_memory_level("nominal");
  governor->set_celsius(93.04);
  governor->set_available_bytes(6'200'000'000);
  governor->set_limit_bytes(8'000'000'000);
  EXPECT_EQ(Rest(status), "governor   heat serious (93 C), memory nominal (6.2 of 8.0 GB free)\n");
  governor->add_actions("no_leases");
  governor->add_actions("clear_caches");
  EXPECT_EQ(Rest(status),
            "governor   heat serious (93 C), memory nominal (6.2 of 8.0 GB free); no_leases, clear_caches\n");
}

TEST(StatusTextTest, MemoryOfAGpu) {
  v1::ServerStatus status = Serving();
  status.mutable_governor()->set_thermal_level("nominal");
  status.mutable_governor()->set_memory_level("fair");
  status.mutable_governor()->set_device_memory_percent(86.4);
  EXPECT_EQ(Rest(status), "governor   heat nominal, memory fair, 86 % of the device's memory in use\n");
}

TEST(StatusTextTest, WhatTheSensorsDoNotTellIsLeftOut) {
  v1::ServerStatus status = Serving();
  status.mutable_governor()->set_thermal_level("unknown");
  status.mutable_governor()->set_memory_level("unknown");
  EXPECT_EQ(Rest(status), "governor   heat unknown, memory unknown\n");
  status.mutable_governor()->set_limit_bytes(8'000'000'000);  // half of it tells nothing
  EXPECT_EQ(Rest(status), "governor   heat unknown, memory unknown\n");
}

TEST(StatusTextTest, NoJobRuns) {
  v1::ServerStatus status = Serving();
  status.mutable_jobs();
  EXPECT_EQ(Rest(status), "jobs       0 queued, 0 paused\n");
}

TEST(StatusTextTest, AJobThatRuns) {
  v1::ServerStatus status = Serving();
  auto* jobs = status.mutable_jobs();
  jobs->set_queued(2);
  auto* job = jobs->mutable_current();
  job->set_id("train-1");
  job->set_state(v1::JOB_STATE_RUNNING);
  job->set_message("training");
  EXPECT_EQ(Rest(status),
            "jobs       2 queued, 0 paused\n"
            "job        train-1  RUNNING: training\n");
  auto* progress = job->mutable_progress();
  progress->set_stage("acoustic");
  progress->set_step(25);
  progress->set_total_steps(100);
  progress->set_loss(1.23456);
  progress->mutable_eta()->set_seconds(200);
  EXPECT_EQ(Rest(status),
            "jobs       2 queued, 0 paused\n"
            "job        train-1  RUNNING: training\n"
            "           acoustic [#####...............] 25/100  loss 1.2346  ETA 3 min 20 s\n");
  progress->set_frames_per_second(2150.4);
  progress->set_device_share(0.873);
  progress->set_resident_bytes(412'000'000);
  progress->set_celsius(61.2);
  EXPECT_EQ(Rest(status),
            "jobs       2 queued, 0 paused\n"
            "job        train-1  RUNNING: training\n"
            "           acoustic [#####...............] 25/100  loss 1.2346  2150 frames/s  ETA 3 min 20 s  "
            "device 87 %  412 MB  61 C\n");
}

TEST(StatusTextTest, HowFarAJobIsFitsIntoATerminal) {
  v1::ServerStatus status;
  auto* job = status.mutable_jobs()->mutable_current();
  job->set_id("train-1");
  job->set_state(v1::JOB_STATE_RUNNING);
  auto* progress = job->mutable_progress();
  progress->set_stage("acoustic");
  progress->set_step(25);
  progress->set_total_steps(100);
  progress->set_loss(1.23456);
  progress->mutable_eta()->set_seconds(200);
  const auto last_line = [&status](size_t columns) {
    std::string text = StatusText(status, columns);
    text.pop_back();
    return text.substr(text.rfind('\n') + 1);
  };
  EXPECT_EQ(last_line(40), "           acoustic 25/100  loss 1.2346");
  EXPECT_EQ(last_line(60), "           acoustic 25/100  loss 1.2346  ETA 3 min 20 s");
  EXPECT_EQ(last_line(5), "           ") << "less than what stands before it";
}

TEST(StatusTextTest, OneStream) {
  v1::ServerStatus status = Serving();
  status.mutable_queue()->set_streams(1);
  EXPECT_NE(StatusText(status).find(" s of audio, 1 stream\n"), std::string::npos);
}

TEST(StatusTextTest, WhyAJobIsPaused) {
  v1::ServerStatus status = Serving();
  auto* jobs = status.mutable_jobs();
  jobs->set_paused(1);
  jobs->mutable_current()->set_id("train-1");
  jobs->mutable_current()->set_state(v1::JOB_STATE_PAUSED);
  jobs->mutable_current()->set_pause_reason(v1::PAUSE_REASON_THERMAL);
  jobs->mutable_current()->set_message("serious heat: 93.0 C");
  EXPECT_EQ(Rest(status),
            "jobs       0 queued, 1 paused\n"
            "job        train-1  PAUSED (thermal): serious heat: 93.0 C\n");
}

TEST(StatusTextTest, ADaemonThatHasJustBegun) {
  v1::ServerStatus status;
  status.set_state(v1::SERVER_STATE_STARTING);
  status.mutable_device()->set_cpu_threads(1);
  EXPECT_EQ(StatusText(status),
            "state      STARTING\n"
            "version     (commit , LibTorch )\n"
            "uptime     0 s\n"
            "device      (), 1 thread\n"
            "memory     0 MB\n"
            "queue      0 of 0 requests, 0.0 of 0 s of audio, 0 streams\n"
            "done       0 requests, 0.0 s of audio, real-time factor 0.0000\n"
            "voices    \n");
}

TEST(StatusTextTest, WhatTheDaemonSaysCannotSteerTheTerminal) {
  v1::ServerStatus status = Serving();
  status.mutable_jobs()->mutable_current()->set_id("a\033]0;title\007");
  status.mutable_jobs()->mutable_current()->set_message("b\x7f\r\033[2J");
  EXPECT_EQ(StatusText(status).find_first_of("\033\007\x7f\r"), std::string::npos);
}

}  // namespace
}  // namespace m2tts
