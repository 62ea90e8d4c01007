// A supervisor with a real store, board and publisher, and workers that are shell scripts: they do what a
// test says. Time is the test's own. The real trainer has its turn in tests/integration.
#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <prometheus/registry.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "core/base/file.h"
#include "core/base/frames.h"
#include "core/base/mutex.h"
#include "core/text/phoneme.h"
#include "core/voice/voice_manifest.h"
#include "m2tts/worker/v1/lease.pb.h"
#include "server/jobs/job_board.h"
#include "server/jobs/job_metrics.h"
#include "server/jobs/job_state.h"
#include "server/jobs/job_supervisor.h"
#include "server/jobs/voice_publisher.h"
#include "tests/core/base/temp_folder.h"
#include "tests/server/jobs/serving_fakes.h"

namespace m2tts {

// Counts what it hears, for one who waits.
class News : public JobWatcher {
 public:
  void OnNews() override {
    MutexLock lock(&mutex_);
    ++count_;
    changed_.NotifyAll();
  }
  void OnClose() override {}
  int count() {
    MutexLock lock(&mutex_);
    return count_;
  }
  // False when nothing came after the first `seen` until the deadline.
  bool WaitBeyond(int seen, std::chrono::steady_clock::time_point deadline) {
    MutexLock lock(&mutex_);
    while (count_ <= seen) {
      if (!changed_.WaitUntil(&mutex_, deadline)) return count_ > seen;
    }
    return true;
  }

 private:
  Mutex mutex_;
  CondVar changed_;
  int count_ ABSL_GUARDED_BY(mutex_) = 0;
};

class SupervisorTest : public testing::Test {
 protected:
  void SetUp() override {
    environment_.state_dir = folder_.path() / "state";
    environment_.voices = folder_.path() / "voices";
    environment_.trainer = folder_.path() / "trainer";
    environment_.data_roots = {folder_.path() / "data"};
    config_.min_free_mb = 0;
    config_.stop_seconds = 20.0;
    std::filesystem::create_directories(folder_.path() / "data/corpus");
    std::filesystem::create_directories(environment_.state_dir / "jobs");
    WriteVoice(environment_.voices / "base", "base");
    WriteVoice(folder_.path() / "made", "made");
    WriteTrainer();
    governor_ = std::make_unique<FakeGovernor>(folder_.path() / "sensors.yaml");
    Act("exit 0");
    Open();
  }
  void TearDown() override { Close(); }

  // What workers do from now on: lines of shell, in a folder of the test's. They know $1, the command (train,
  // export, eval, compress), with its arguments; $job, whose worker it is; $lease, the number of the socket.
  void Act(const std::string& script) {
    ASSERT_TRUE(WriteFileAtomic(folder_.path() / "act", script + "\n").ok());
  }
  // A message for workers to say: `cat NAME >&$lease`.
  void Prepare(const std::string& name, const worker::v1::WorkerMessage& message) {
    ASSERT_TRUE(WriteFileAtomic(folder_.path() / name, Framed(message.SerializeAsString())).ok());
  }
  // What a worker must do to leave a voice, for Act; of commands export and compress.
  static std::string MakesVoice() {
    return "case $1 in export|compress) mkdir -p \"${4%/*}\" && cp -r made \"$4\";; esac\n";
  }

  void Open() {
    auto store = JobStore::Open(environment_.store());
    ASSERT_TRUE(store.ok()) << store.status();
    auto board = JobBoard::Open(*std::move(store), [this] { return now_.load(); });
    ASSERT_TRUE(board.ok()) << board.status();
    board_ = *std::move(board);
    publisher_ = std::make_unique<VoicePublisher>(&board_->store(), environment_,
                                                  [this](const std::string& name, bool) -> Status {
                                                    live_.push_back(name);
                                                    return OkStatus();
                                                  });
    JobSupervisor::Parts parts;
    parts.board = board_.get();
    parts.governor = governor_->get();
    parts.activity = &activity_;
    parts.publisher = publisher_.get();
    parts.metrics = &metrics_;
    supervisor_ = std::make_unique<JobSupervisor>(config_, environment_, parts);
    board_->OnRequest([this] { supervisor_->Wake(); });
  }
  void Start() { supervisor_->Start(); }
  void Close() {
    supervisor_.reset();
    publisher_.reset();
    board_.reset();
  }
  // As after a restart of the daemon.
  void Restart() {
    Close();
    Open();
    Start();
  }
  void SetTime(double now) {
    now_ = now;
    supervisor_->Wake();
  }
  double now() const { return now_; }

  // What workers that write a report do; at first nothing. They are not among the Calls().
  void ActReport(const std::string& script) {
    ASSERT_TRUE(WriteFileAtomic(folder_.path() / "act-report", script + "\n").ok());
  }

  // A job of two phases, train and export, and the report between. The trainer has a lease.
  static v1::JobSpec Training() {
    v1::JobSpec spec;
    spec.set_config_yaml("licence: CC0\n");
    spec.set_dataset("corpus");
    return spec;
  }
  // One of one phase, without lease.
  static v1::JobSpec Compression() {
    v1::JobSpec spec;
    spec.set_kind(v1::JOB_KIND_COMPRESS);
    spec.set_base_voice("base");
    return spec;
  }
  static v1::JobSpec After(const std::string& id) {
    v1::JobSpec spec = Compression();
    spec.set_after(id);
    return spec;
  }

  void Submit(const std::string& id, const v1::JobSpec& spec, int priority = 0) {
    const auto job = board_->Submit(id, spec, priority, {});
    ASSERT_TRUE(job.ok()) << job.status();
  }
  v1::Job Get(const std::string& id) {
    const auto job = board_->Get(id);
    EXPECT_TRUE(job.ok()) << job.status();
    return job.value_or(v1::Job());
  }
  // The job as soon as `enough` says so. Looks after each event.
  v1::Job WaitFor(const std::string& id, const std::function<bool(const v1::Job&)>& enough) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    News news;
    EXPECT_TRUE(board_->Watch(id, &news).ok());
    v1::Job job;
    while (true) {
      const int seen = news.count();
      job = Get(id);
      if (enough(job)) break;
      if (news.WaitBeyond(seen, deadline)) continue;
      ADD_FAILURE() << "job " << id << " is " << JobStateName(job.state()) << ": " << job.message();
      break;
    }
    board_->Unwatch(id, &news);
    return job;
  }
  v1::Job WaitForState(const std::string& id, v1::JobState state) {
    return WaitFor(id, [state](const v1::Job& job) { return job.state() == state; });
  }
  v1::Job WaitForEnd(const std::string& id) {
    return WaitFor(id, [](const v1::Job& job) { return JobStateMachine::IsTerminal(job.state()); });
  }
  // Waits for attempt number `attempt` to be due.
  v1::Job WaitForAttempt(const std::string& id, int attempt) {
    return WaitFor(id, [attempt](const v1::Job& job) {
      return job.state() == v1::JOB_STATE_QUEUED && job.attempt() == attempt;
    });
  }
  // For what a worker leaves behind to say how far it is.
  void WaitForFile(const std::string& name) const {
    WaitUntil([&] { return std::filesystem::exists(folder_.path() / name); }, "file " + name);
  }
  static void WaitUntil(const std::function<bool()>& condition, const std::string& what) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (!condition() && std::chrono::steady_clock::now() < deadline) {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    EXPECT_TRUE(condition()) << what;
  }
  v1::Job WaitForPause(const std::string& id, v1::PauseReason reason) {
    return WaitFor(id, [reason](const v1::Job& job) {
      return job.state() == v1::JOB_STATE_PAUSED && job.pause_reason() == reason;
    });
  }
  // Runs a job of the lowest priority to its end. Whoever might run has had its turn before.
  void LetOthersRun() {
    const std::string id = fmt::format("last-{}", ++others_);
    Submit(id, Compression(), -100);
    EXPECT_EQ(WaitForEnd(id).state(), v1::JOB_STATE_SUCCEEDED);
  }

  // The commands so far, those of LetOthersRun left out.
  std::vector<std::string> Calls() const {
    std::vector<std::string> calls;
    std::ifstream file(folder_.path() / "calls");
    for (std::string line; std::getline(file, line);) {
      if (line.find("/jobs/last-") == std::string::npos) calls.push_back(line);
    }
    return calls;
  }
  // What who watches the job has been told, besides its states and progress.
  std::vector<std::string> LogLines(const std::string& id) {
    std::vector<std::string> lines;
    const auto events = board_->Events(id, 1, 1000);
    EXPECT_TRUE(events.ok()) << events.status();
    if (!events.ok()) return lines;
    for (const v1::JobEvent& event : *events) {
      if (event.event_case() == v1::JobEvent::kLogLine) lines.push_back(event.log_line());
    }
    return lines;
  }
  double Failures(const std::string& failure_class) {
    return metrics_.failures.Add({{"class", failure_class}}).Value();
  }

  TempFolder folder_;
  JobEnvironment environment_;
  JobsConfig config_;
  std::atomic<double> now_{1e6};
  std::vector<std::string> live_;  // voices that were loaded
  prometheus::Registry registry_;
  JobMetrics metrics_{&registry_};
  FakeActivity activity_;
  std::unique_ptr<FakeGovernor> governor_;
  std::unique_ptr<JobBoard> board_;
  std::unique_ptr<VoicePublisher> publisher_;
  std::unique_ptr<JobSupervisor> supervisor_;

 private:
  // Written once: a program that is open for writing somewhere cannot be started.
  void WriteTrainer() {
    const std::string script = fmt::format(R"(#!/bin/sh
ulimit -c 0
cd '{0}' || exit 99
while [ $# -gt 0 ]; do
  case "$1" in train|report|export|eval|compress|check) break;; esac
  shift
done
if [ "$1" = report ]; then
  [ -e act-report ] && . ./act-report
  exit 0
fi
echo "$*" >> calls
job= lease= last=
for word in "$@"; do
  case "$word" in */state/jobs/*) job=${{word#*/state/jobs/}}; job=${{job%%/*}};; esac
  [ "$last" = --lease-fd ] && lease=$word
  last=$word
done
case $job in last-*) exit 0;; esac
. ./act
)",
                                           folder_.path().string());
    ASSERT_TRUE(WriteFileAtomic(environment_.trainer, script).ok());
    std::filesystem::permissions(environment_.trainer, std::filesystem::perms::owner_all);
  }
  static void WriteVoice(const std::filesystem::path& folder, const std::string& name) {
    VoiceManifest manifest;
    manifest.name = name;
    manifest.language = "en-US";
    manifest.licence = "CC0";
    manifest.speakers = {"somebody"};
    manifest.phoneme_set_version = kPhonemeSetVersion;
    manifest.model.hidden = 32;
    manifest.weights_dtype = "fp32";
    manifest.weights_sha256 = std::string(64, 'a');
    const auto text = FormatVoiceManifest(manifest);
    ASSERT_TRUE(text.ok()) << text.status();
    ASSERT_TRUE(WriteFileAtomic(folder / "voice.json", *text).ok());
  }

  int others_ = 0;
};

}  // namespace m2tts
