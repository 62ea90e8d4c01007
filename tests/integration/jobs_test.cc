// Background jobs in the real daemon: a real training of a small model, disturbed in every way, and the
// voice that comes of it.
//
// $M2TTS_KILLS: how often worker or daemon is killed in KillsChangeNothing (default 3).
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <random>
#include <thread>

#include "tests/integration/job_daemon.h"

namespace m2tts {
namespace {

namespace fs = std::filesystem;
using grpc::StatusCode;
using testing::HasSubstr;

class JobsTest : public testing::Test, public JobDaemon {
 protected:
  void SetUp() override { Prepare(); }

  v1::SubmitJobRequest EvaluationOfSpeech(const std::string& id) {
    v1::SubmitJobRequest request;
    request.set_job_id(id);
    request.mutable_spec()->set_kind(v1::JOB_KIND_EVALUATE);
    request.mutable_spec()->set_base_voice("en_US-slt");
    request.mutable_spec()->set_dataset("speech");
    return request;
  }
  std::string Content(const std::string& name) {
    std::ifstream file(dir_ / name);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  // Every change of state begins where the one before ended.
  void ExpectHistoryWithoutGaps(const std::string& id) {
    WatchAnother();
    auto state = v1::JOB_STATE_QUEUED;
    bool first = true;
    (void)WatchUntil(id, [&](const v1::JobEvent& event) {
      if (!event.has_transition()) return false;
      if (!first) {
        EXPECT_EQ(event.transition().from(), state) << id << ", event " << event.sequence();
      }
      first = false;
      state = event.transition().to();
      return false;
    });
    EXPECT_EQ(state, v1::JOB_STATE_SUCCEEDED) << id;
  }

  std::string errors_;  // of the last command
};

TEST_F(JobsTest, FromSubmitToANewVoiceThroughHeatAndDeath) {
  StartDaemon();
  auto request = Request("first", 40);
  request.mutable_spec()->set_publish(true);
  request.mutable_spec()->set_voice_name("tiny");
  v1::Job job;
  ASSERT_TRUE(Submit(request, &job).ok());
  EXPECT_EQ(job.state(), v1::JOB_STATE_QUEUED);
  ASSERT_TRUE(Submit(request).ok());  // the same again is the same job

  ASSERT_TRUE(WatchUntilStep("first", 1));
  Heat(95);
  ASSERT_TRUE(WatchUntilState("first", v1::JOB_STATE_PAUSED));
  job = Get("first");
  EXPECT_EQ(job.pause_reason(), v1::PAUSE_REASON_THERMAL);
  EXPECT_THAT(job.message(), HasSubstr("95"));
  EXPECT_EQ(daemon_->Metric("m2tts_thermal_level"), 2);
  {
    grpc::ClientContext context;
    v1::ServerStatus status;
    ASSERT_TRUE(daemon_->admin().GetStatus(&context, {}, &status).ok());
    EXPECT_EQ(status.governor().thermal_level(), "serious");
    EXPECT_THAT(status.governor().actions(), testing::Contains("no_leases"));
    EXPECT_EQ(status.jobs().current().id(), "first");
  }
  // Requests are served while the job waits.
  auto spoken = Stream(&daemon_->synthesizer(), m2tts::Request("Still here."));
  EXPECT_TRUE(spoken.status.ok()) << spoken.status.error_message();
  Heat(50);
  ASSERT_TRUE(WatchUntilState("first", v1::JOB_STATE_RUNNING));

  KillDaemon();
  StartDaemon();
  ASSERT_TRUE(WatchUntilState("first", v1::JOB_STATE_SUCCEEDED)) << Get("first").message();
  job = Get("first");
  EXPECT_EQ(job.published_voice(), "tiny");
  EXPECT_TRUE(job.has_end_time());

  auto say = m2tts::Request("Hello world.");
  say.mutable_voice()->set_voice("tiny");
  spoken = Stream(&daemon_->synthesizer(), say);
  EXPECT_TRUE(spoken.status.ok()) << spoken.status.error_message();
  EXPECT_GT(spoken.audio.size(), 1000u);
  EXPECT_EQ(LossCurve("first").size(), 40u + 40u + 6u);

  // Its files.
  grpc::ClientContext list_context;
  v1::ListArtifactsRequest list;
  list.set_job_id("first");
  v1::ListArtifactsResponse artifacts;
  ASSERT_TRUE(daemon_->training().ListArtifacts(&list_context, list, &artifacts).ok());
  std::vector<std::string> names;
  for (const auto& artifact : artifacts.artifacts()) names.push_back(artifact.name());
  EXPECT_THAT(names, testing::IsSupersetOf(
                         {"config.yaml", "run/log.jsonl", "run/report.html", "voice/tiny/voice.json"}));
  EXPECT_TRUE(artifacts.next_page_token().empty()) << names.size() << " fit one page";
  std::vector<std::string> by_pages;
  list.set_page_size(3);
  do {
    grpc::ClientContext page_context;
    v1::ListArtifactsResponse page;
    ASSERT_TRUE(daemon_->training().ListArtifacts(&page_context, list, &page).ok());
    ASSERT_LE(page.artifacts_size(), 3);
    ASSERT_GT(page.artifacts_size(), 0);
    for (const auto& artifact : page.artifacts()) by_pages.push_back(artifact.name());
    list.set_page_token(page.next_page_token());
  } while (!list.page_token().empty() && by_pages.size() <= names.size());
  EXPECT_EQ(by_pages, names);
  grpc::ClientContext get_context;
  v1::GetArtifactRequest get;
  get.set_job_id("first");
  get.set_name("config.yaml");
  const auto reader = daemon_->training().GetArtifact(&get_context, get);
  std::string content;
  for (v1::ArtifactChunk chunk; reader->Read(&chunk);) content += chunk.data();
  EXPECT_TRUE(reader->Finish().ok());
  EXPECT_THAT(content, HasSubstr("hidden: 32"));
}

TEST_F(JobsTest, AnEvaluationAndItsRecognizersWorkInTheSandbox) {
  WriteSpeech();
  StartDaemon();
  ASSERT_TRUE(Submit(EvaluationOfSpeech("measured")).ok());
  ASSERT_TRUE(WatchUntilState("measured", v1::JOB_STATE_SUCCEEDED)) << Get("measured").message();
  EXPECT_THAT(Content("state/jobs/measured/worker.log"), HasSubstr("sandbox: "));
  const auto report = nlohmann::json::parse(Content("state/jobs/measured/evaluation.json"), nullptr, false);
  ASSERT_TRUE(report.is_object());
  EXPECT_TRUE(report["wer"].is_number());
}

TEST_F(JobsTest, ALinkLeadsNoWorkerOutOfTheData) {
  WriteSpeech();
  const fs::path recording = dir_ / "data/speech/wavs/LJ001-0008.wav";
  fs::rename(recording, dir_ / "outside.wav");
  fs::create_symlink(dir_ / "outside.wav", recording);
  StartDaemon();
  ASSERT_TRUE(Submit(EvaluationOfSpeech("curious")).ok());
  (void)WatchUntilState("curious", v1::JOB_STATE_FAILED);
  if (Content("state/jobs/curious/worker.log").find("files held by Landlock") == std::string::npos) {
    GTEST_SKIP() << "this kernel has no Landlock";
  }
  EXPECT_EQ(Get("curious").state(), v1::JOB_STATE_FAILED);
  EXPECT_THAT(Get("curious").message(), HasSubstr("Permission denied"));
}

TEST_F(JobsTest, PauseResumeCancelAndDelete) {
  StartDaemon();
  ASSERT_TRUE(Submit(Request("long", 100000)).ok());
  ASSERT_TRUE(WatchUntilStep("long", 2));
  v1::PauseJobRequest pause;
  pause.set_job_id("long");
  v1::Job job;
  {
    grpc::ClientContext context;
    ASSERT_TRUE(daemon_->training().PauseJob(&context, pause, &job).ok());
  }
  ASSERT_TRUE(WatchUntilState("long", v1::JOB_STATE_PAUSED));
  EXPECT_EQ(Get("long").pause_reason(), v1::PAUSE_REASON_USER);
  {
    grpc::ClientContext context;
    v1::ResumeJobRequest resume;
    resume.set_job_id("long");
    ASSERT_TRUE(daemon_->training().ResumeJob(&context, resume, &job).ok());
  }
  ASSERT_TRUE(WatchUntilState("long", v1::JOB_STATE_RUNNING));
  v1::DeleteJobRequest erase;
  erase.set_job_id("long");
  v1::DeleteJobResponse erased;
  {
    grpc::ClientContext context;
    EXPECT_EQ(daemon_->training().DeleteJob(&context, erase, &erased).error_code(),
              StatusCode::FAILED_PRECONDITION);
  }
  {
    grpc::ClientContext context;
    v1::CancelJobRequest cancel;
    cancel.set_job_id("long");
    ASSERT_TRUE(daemon_->training().CancelJob(&context, cancel, &job).ok());
  }
  ASSERT_TRUE(WatchUntilState("long", v1::JOB_STATE_CANCELLED));
  // A last checkpoint, of the step that was reached.
  const int64_t step = Get("long").progress().step();
  char name[64];
  std::snprintf(name, sizeof(name), "step-%08lld.safetensors", static_cast<long long>(step));
  EXPECT_TRUE(fs::exists(dir_ / "state/jobs/long/run/aligner" / name)) << name;
  {
    grpc::ClientContext context;
    EXPECT_TRUE(daemon_->training().DeleteJob(&context, erase, &erased).ok());
  }
  EXPECT_FALSE(fs::exists(dir_ / "state/jobs/long"));
}

TEST_F(JobsTest, KillsChangeNothing) {
  StartDaemon();
  ASSERT_TRUE(Submit(Request("calm", 25)).ok());
  ASSERT_TRUE(WatchUntilState("calm", v1::JOB_STATE_SUCCEEDED)) << Get("calm").message();
  const auto expected = LossCurve("calm");
  ASSERT_EQ(expected.size(), 25u + 25u + 6u);

  const char* const wanted = std::getenv("M2TTS_KILLS");
  const int kills = wanted == nullptr ? 3 : std::atoi(wanted);
  std::mt19937 random(7);
  next_ = 1;
  int killed = 0;
  ASSERT_TRUE(Submit(Request("wild-0", 25)).ok());
  int jobs = 0;
  std::string id = "wild-0";
  while (killed < kills) {
    const int64_t step = std::uniform_int_distribution<int64_t>(1, 24)(random);
    if (!WatchUntilStep(id, step)) {  // it ended: the next one
      EXPECT_EQ(LossCurve(id), expected) << id;
      id = "wild-" + std::to_string(++jobs);
      next_ = 1;
      ASSERT_TRUE(Submit(Request(id, 25)).ok());
      continue;
    }
    ++killed;
    const int victim = std::uniform_int_distribution<int>(0, 2)(random);  // the worker, the daemon, or both
    const pid_t worker = WorkerOf(id);
    if (victim != 1 && worker > 0) ::kill(worker, SIGKILL);
    if (victim != 0) {
      KillDaemon();
      StartDaemon();
    }
  }
  (void)WatchUntilState(id, v1::JOB_STATE_SUCCEEDED);
  EXPECT_EQ(Get(id).state(), v1::JOB_STATE_SUCCEEDED) << Get(id).message();
  EXPECT_EQ(LossCurve(id), expected);
  for (int job = 0; job <= jobs; ++job) ExpectHistoryWithoutGaps("wild-" + std::to_string(job));
  KillDaemon();
  StartDaemon();  // which refuses a damaged store
}

TEST_F(JobsTest, WhatIsWrongIsSaidAtOnce) {
  StartDaemon();
  auto request = Request("bad", 10);
  request.mutable_spec()->set_config_yaml("licence: CC0\nmodle: {hidden: 32}\n");
  grpc::Status status = Submit(request);
  EXPECT_EQ(status.error_code(), StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(status.error_message(), HasSubstr("spec.config_yaml"));
  EXPECT_THAT(status.error_message(), HasSubstr("modle"));
  request.mutable_spec()->set_dataset("/etc");
  EXPECT_THAT(Submit(request).error_message(), HasSubstr("spec.dataset"));
  request = Request("bad", 10);
  request.set_priority(1000);
  EXPECT_EQ(Submit(request).error_code(), StatusCode::INVALID_ARGUMENT);
  request = Request("../bad", 10);
  EXPECT_EQ(Submit(request).error_code(), StatusCode::INVALID_ARGUMENT);
  request = Request("bad", 10);
  request.mutable_spec()->set_after("nobody");
  EXPECT_THAT(Submit(request).error_message(), HasSubstr("spec.after"));
  grpc::ClientContext context;
  v1::GetJobRequest get;
  get.set_job_id("bad");
  v1::Job job;
  EXPECT_EQ(daemon_->training().GetJob(&context, get, &job).error_code(), StatusCode::NOT_FOUND);
}

TEST_F(JobsTest, AChainAndACheck) {
  StartDaemon();
  v1::SubmitJobRequest check;
  check.set_job_id("checked");
  check.mutable_spec()->set_kind(v1::JOB_KIND_CHECK);
  check.mutable_spec()->set_dataset("corpus");
  ASSERT_TRUE(Submit(check).ok());
  auto compress = check;
  compress.set_job_id("small");
  compress.mutable_spec()->set_kind(v1::JOB_KIND_COMPRESS);
  compress.mutable_spec()->clear_dataset();
  compress.mutable_spec()->set_base_voice("en_US-slt");
  compress.mutable_spec()->set_dtype("int8");
  compress.mutable_spec()->set_after("checked");
  ASSERT_TRUE(Submit(compress).ok());
  ASSERT_TRUE(WatchUntil("small", [](const v1::JobEvent& event) {
    return event.has_transition() && event.transition().to() != v1::JOB_STATE_QUEUED &&
           event.transition().to() != v1::JOB_STATE_RUNNING;
  }));
  const v1::Job checked = Get("checked"), small = Get("small");
  EXPECT_TRUE(fs::file_size(dir_ / "state/jobs/checked/check.json") > 0);
  if (checked.state() == v1::JOB_STATE_SUCCEEDED) {
    EXPECT_EQ(small.state(), v1::JOB_STATE_SUCCEEDED) << small.message();
    EXPECT_TRUE(fs::exists(dir_ / "state/jobs/small/voice/small/voice.json"));
  } else {  // the tones are no speech: the check may say so, and then nothing follows
    EXPECT_EQ(checked.state(), v1::JOB_STATE_FAILED);
    EXPECT_EQ(small.state(), v1::JOB_STATE_CANCELLED);
  }
}

TEST_F(JobsTest, TheStoreIsCopiedWhileTheDaemonUsesIt) {
  StartDaemon();
  ASSERT_TRUE(Submit(Request("kept", 100000)).ok());
  const std::string copy = dir_ / "backup";
  Process backup({DaemonPath(), "--state-dir", dir_ / "state", "--backup-jobs", copy});
  EXPECT_EQ(backup.Wait(), 0) << backup.Errors();
  EXPECT_EQ(Content("backup").substr(0, 15), "SQLite format 3");
  EXPECT_THAT(Content("backup"), HasSubstr("kept"));
  Process nowhere({DaemonPath(), "--backup-jobs", copy});
  EXPECT_EQ(nowhere.Wait(), 2);
  EXPECT_THAT(nowhere.Errors(), HasSubstr("--state-dir"));
  Process empty({DaemonPath(), "--state-dir", dir_ / "data", "--backup-jobs", copy});
  EXPECT_EQ(empty.Wait(), 1);
  EXPECT_THAT(empty.Errors(), HasSubstr("no such job store"));
}

TEST_F(JobsTest, TheCommandLineDoesAllOfIt) {
  StartDaemon();
  const std::string config = dir_ / "tiny.yaml";
  std::ofstream(config) << TinyConfig(10);
  const auto run = [&](std::vector<std::string> arguments, int expected = 0) {
    arguments.insert(arguments.begin(), {CliPath(), "--address", daemon_->address()});
    Process process(arguments);
    const std::string out = process.ReadAll();
    EXPECT_EQ(process.Wait(120), expected) << process.Errors();
    errors_ = process.Errors();
    return out;
  };
  run({"train", "submit", config, "--dataset", (dir_ / "data/corpus").string(), "--id", "mine", "--voice",
       "mine", "--publish", "--label", "who=me"});
  EXPECT_THAT(errors_, HasSubstr("SUCCEEDED"));
  EXPECT_THAT(errors_, HasSubstr("10/10"));
  EXPECT_THAT(run({"train", "logs", "mine"}), HasSubstr("sandbox: "));
  const auto shown = nlohmann::json::parse(run({"--json", "train", "show", "mine"}));
  EXPECT_EQ(shown["state"], "SUCCEEDED");
  EXPECT_EQ(shown["labels"]["who"], "me");
  EXPECT_THAT(run({"train", "list"}), HasSubstr("mine"));
  EXPECT_THAT(run({"train", "logs", "mine"}), HasSubstr("clips to learn from"));
  EXPECT_THAT(run({"train", "artifacts", "mine"}), HasSubstr("run/log.jsonl"));
  EXPECT_THAT(run({"train", "artifacts", "mine", "config.yaml", "-o", "-"}), HasSubstr("hidden: 32"));
  run({"train", "listen", "mine", "-o", dir_ / "heard.wav"});
  EXPECT_GT(fs::file_size(dir_ / "heard.wav"), 1000u);
  run({"say", "Hello.", "--voice", "mine", "-o", dir_ / "hello.wav"});
  EXPECT_GT(fs::file_size(dir_ / "hello.wav"), 1000u);
  EXPECT_THAT(run({"train", "publish", "mine", "--voice", "other"}), HasSubstr("other version 1"));
  run({"train", "watch", "mine"});
  run({"train", "cancel", "mine"}, 65);
  run({"train", "show", "nobody"}, 65);
  EXPECT_THAT(errors_, HasSubstr("m2tts train list"));
  run({"train", "submit", config, "--dataset", "/etc"}, 65);

  // Ctrl-C detaches, and the job goes on.
  std::ofstream(config) << TinyConfig(100000);
  Process submit({CliPath(), "--address", daemon_->address(), "train", "submit", config, "--dataset",
                  (dir_ / "data/corpus").string(), "--id", "long"});
  while (true) {
    grpc::ClientContext context;
    v1::GetJobRequest get;
    get.set_job_id("long");
    v1::Job job;
    if (daemon_->training().GetJob(&context, get, &job).ok() && job.state() == v1::JOB_STATE_RUNNING) break;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));  // another process: nothing to wait on
  }
  submit.Signal(SIGINT);
  EXPECT_EQ(submit.Wait(), 130);
  EXPECT_THAT(submit.Errors(), HasSubstr("m2tts train watch long"));
  EXPECT_EQ(Get("long").state(), v1::JOB_STATE_RUNNING);
  run({"train", "cancel", "long"});
  run({"train", "watch", "long"}, 2);
}

TEST_F(JobsTest, AreListedInPagesTheNewestFirst) {
  StartDaemon(", max_running: 0");
  ASSERT_TRUE(ready());
  for (const char* id : {"first", "second", "third"}) ASSERT_TRUE(Submit(Request(id, 4)).ok());
  const auto page = [this](const std::string& token, v1::JobState state) {
    grpc::ClientContext context;
    v1::ListJobsRequest request;
    request.set_page_size(2);
    request.set_page_token(token);
    if (state != v1::JOB_STATE_UNSPECIFIED) request.add_states(state);
    v1::ListJobsResponse response;
    const grpc::Status status = daemon_->training().ListJobs(&context, request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response;
  };
  for (const auto state : {v1::JOB_STATE_UNSPECIFIED, v1::JOB_STATE_QUEUED}) {
    const auto newest = page("", state);
    ASSERT_EQ(newest.jobs_size(), 2);
    EXPECT_EQ(newest.jobs(0).id(), "third");
    EXPECT_EQ(newest.jobs(1).id(), "second");
    const auto rest = page(newest.next_page_token(), state);
    ASSERT_EQ(rest.jobs_size(), 1);
    EXPECT_EQ(rest.jobs(0).id(), "first");
    EXPECT_TRUE(rest.next_page_token().empty());
  }
  EXPECT_EQ(page("", v1::JOB_STATE_FAILED).jobs_size(), 0);
}

TEST(JobsWithoutStateTest, EveryMethodSaysWhatIsMissing) {
  DaemonUnderTest daemon;
  ASSERT_TRUE(daemon.ready());
  grpc::ClientContext context;
  v1::ListJobsResponse response;
  const grpc::Status status = daemon.training().ListJobs(&context, {}, &response);
  EXPECT_EQ(status.error_code(), StatusCode::FAILED_PRECONDITION);
  EXPECT_THAT(status.error_message(), HasSubstr("state_dir"));
}

}  // namespace
}  // namespace m2tts
