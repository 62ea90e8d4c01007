// For tests of the device executor and its jobs.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <utility>

#include "server/synthesis/device_executor.h"
#include "tests/server/synthesis/puppet.h"

namespace m2tts {

inline ExecutorOptions BatchesOf(int max_batch) {
  ExecutorOptions options;
  options.scheduler.max_batch = max_batch;
  return options;
}

// An executor without threads, whose clock, text tasks and lane a test drives.
class DeviceExecutorTest : public testing::Test {
 protected:
  explicit DeviceExecutorTest(int max_batch = 1) : executor_(BatchesOf(max_batch), [this] { return now_; }) {}

  // A job that has begun to read, and that the executor does not know yet.
  std::shared_ptr<SynthesisJob> Start(const std::string& text, AudioSink* sink,
                                      std::shared_ptr<const Voice> voice,
                                      std::optional<TimePoint> deadline = std::nullopt,
                                      double pause_scale = 0.0,
                                      std::shared_ptr<SentenceSource> source = nullptr) {
    SynthesisRequest request;
    request.text = text;
    request.voice = std::move(voice);
    request.encoding = AudioEncoding::kPcm16;
    request.sample_rate = 8000;
    request.pause_scale = pause_scale;
    request.arrival = now_;
    request.deadline = deadline;
    request.client_ticket = client_ticket_;
    SynthesisJob::Environment environment;
    environment.frontend = &frontend_;
    environment.post = tasks_.post();
    environment.wake_device = [] {};
    environment.now = [this] { return now_; };
    environment.observer = &observer_;
    environment.inline_text_bytes = inline_text_bytes_;
    environment.buffer_seconds = buffer_seconds_;
    auto ticket = admission_.Admit({text.size()}, now_);
    EXPECT_TRUE(ticket.ok());
    auto job = SynthesisJob::Create(request, *std::move(ticket), sink, environment, std::move(source));
    EXPECT_TRUE(job.ok()) << job.status();
    (*job)->Start();
    return *job;
  }
  std::shared_ptr<SynthesisJob> Submit(const std::string& text, AudioSink* sink,
                                       std::optional<TimePoint> deadline = std::nullopt,
                                       double pause_scale = 0.0) {
    auto job = Start(text, sink, PuppetVoice(synthesizer_), deadline, pause_scale);
    executor_.Submit(job);
    return job;
  }

  // Runs text, device and encoder until nothing is left to do.
  void Settle() {
    do {
      tasks_.RunAll();
    } while (executor_.RunOne());
    tasks_.RunAll();
  }

  TimePoint now_{std::chrono::hours(1)};
  TaskQueue tasks_;
  PuppetFrontend frontend_;
  RecordingObserver observer_;
  size_t inline_text_bytes_ = 0;
  double buffer_seconds_ = 0.0;
  std::shared_ptr<ClientLimits::Ticket> client_ticket_;  // of jobs to come
  Admission admission_{AdmissionOptions()};
  std::shared_ptr<PuppetSynthesizer> synthesizer_ = std::make_shared<PuppetSynthesizer>();
  DeviceExecutor executor_;
};

}  // namespace m2tts
