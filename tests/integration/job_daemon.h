// A real m2ttsd with jobs, for tests: a corpus that trains in seconds, a copy of the shipped voice, sensors
// that say what the test wants, and the calls of a client.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tests/integration/daemon.h"

namespace m2tts {

// Path of the m2tts that was built with the tests.
std::string CliPath();

// The sizes of configs/stage1_poc.yaml; a few seconds on one core.
std::string TinyConfig(int steps);

// One thread at a time.
class JobDaemon {
 public:
  // Corpus ("corpus" below the data root), voices, 50 degrees. First of all.
  void Prepare();
  // `jobs`: more of that section, as ", max_running: 0".
  void StartDaemon(const std::string& jobs = "", const std::map<std::string, std::string>& environment = {});
  void KillDaemon();
  void Heat(int celsius);
  // A corpus "speech" of one recording that a recognizer understands.
  void WriteSpeech() const;

  DaemonUnderTest& daemon() { return *daemon_; }
  bool ready() const { return daemon_ != nullptr && daemon_->ready(); }
  // state/, voices/, data/ and what a test adds.
  const TempDir& dir() const { return dir_; }
  // Of state/jobs/ID.
  std::filesystem::path JobFile(const std::string& id, const std::string& name) const;

  // A training of TinyConfig(steps) that is tried again at once when it fails.
  v1::SubmitJobRequest Request(const std::string& id, int steps) const;
  grpc::Status Submit(const v1::SubmitJobRequest& request, v1::Job* job = nullptr);
  v1::Job Get(const std::string& id);

  // Reads events from the one after the last that was read on until `enough` says so; false when the job
  // ended first.
  template <typename Function>
  bool WatchUntil(const std::string& id, Function enough) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::minutes(3));
    v1::WatchJobRequest request;
    request.set_job_id(id);
    request.set_from_sequence(next_);
    const auto reader = daemon_->training().WatchJob(&context, request);
    v1::JobEvent event;
    bool found = false;
    while (!found && reader->Read(&event)) {
      EXPECT_GE(event.sequence(), next_);
      next_ = event.sequence() + 1;
      found = enough(event);
    }
    if (found) context.TryCancel();
    const grpc::Status status = reader->Finish();
    if (!found) {
      EXPECT_TRUE(status.ok()) << status.error_message();
    }
    return found;
  }
  bool WatchUntilState(const std::string& id, v1::JobState state);
  bool WatchUntilStep(const std::string& id, int64_t step);
  // Another job is watched from its first event on.
  void WatchAnother() { next_ = 1; }
  // The job when it has ended, whatever was read before.
  v1::Job WaitForEnd(const std::string& id);
  // The lines of the log of a job that has ended.
  std::vector<std::string> LogOf(const std::string& id);

  // (stage, step) -> loss as written, the last line for each.
  std::map<std::pair<std::string, int64_t>, double> LossCurve(const std::string& id) const;
  // 0 when it has ended.
  pid_t WorkerOf(const std::string& id) const;

 protected:
  TempDir dir_;
  std::unique_ptr<DaemonUnderTest> daemon_;
  int64_t next_ = 1;
};

}  // namespace m2tts
