// Worker processes, artifacts and published versions, on real files and processes.
#include <gtest/gtest.h>
#include <signal.h>

#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <thread>

#include "core/base/file.h"
#include "core/voice/voice_manifest.h"
#include "server/jobs/artifacts.h"
#include "server/jobs/job_folder.h"
#include "server/jobs/voice_publisher.h"
#include "server/jobs/worker_process.h"
#include "tests/core/base/temp_folder.h"
#include "tests/core/voice/tiny_voice.h"

namespace m2tts {
namespace {

namespace fs = std::filesystem;

std::string Content(const fs::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

WorkerExit WaitFor(WorkerProcess* process) {
  while (true) {
    if (const auto exit = process->Poll()) return *exit;
    std::this_thread::yield();
  }
}

class WorkerProcessTest : public testing::Test {
 protected:
  std::unique_ptr<WorkerProcess> Shell(const std::string& script, bool lease = false) {
    auto process = WorkerProcess::Start({"/bin/sh", {"-c", script, "sh", "{lease}"}, output(), log(), lease});
    EXPECT_TRUE(process.ok()) << process.status();
    return *std::move(process);
  }
  fs::path output() const { return folder_.path() / "out"; }
  fs::path log() const { return folder_.path() / "log"; }
  TempFolder folder_;
};

TEST_F(WorkerProcessTest, OutputLogAndExitCode) {
  std::ofstream(log()) << "of an earlier worker\n";
  const auto process = Shell("echo result; echo m2tts-trainer: it failed >&2; exit 3");
  const WorkerExit exit = WaitFor(process.get());
  EXPECT_EQ(exit.code, 3);
  EXPECT_EQ(exit.signal, 0);
  EXPECT_EQ(exit.last_line, "it failed");
  EXPECT_EQ(Content(output()), "result\n");
  EXPECT_EQ(Content(log()), "of an earlier worker\nm2tts-trainer: it failed\n");
}

TEST_F(WorkerProcessTest, TheLogOfAnEarlierWorkerIsNotItsLastWord) {
  std::ofstream(log()) << "of an earlier worker\n";
  EXPECT_EQ(WaitFor(Shell("exit 1").get()).last_line, "");
}

TEST_F(WorkerProcessTest, WhatTheSandboxSaysIsNoLastWord) {
  EXPECT_EQ(WaitFor(Shell("echo sandbox: files held by Landlock 7 >&2; exit 1").get()).last_line, "");
}

TEST_F(WorkerProcessTest, SignalsAreTold) {
  const auto process = Shell("kill -9 $$");
  const WorkerExit exit = WaitFor(process.get());
  EXPECT_EQ(exit.signal, SIGKILL);
  EXPECT_FALSE(exit.oom_killed);
}

TEST_F(WorkerProcessTest, ItHasTheLeaseSocketAndNothingElse) {
  const auto process = Shell("ls /proc/self/fd >&2; test \"$1\" = 3 && test -S /proc/self/fd/3", true);
  EXPECT_EQ(WaitFor(process.get()).code, 0) << Content(log());
  EXPECT_GE(process->socket(), 0);
}

TEST_F(WorkerProcessTest, IgnoredSignalsOfTheDaemonAreNotItsOwn) {
  const auto before = ::signal(SIGPIPE, SIG_IGN);
  const auto process = Shell("kill -PIPE $$; echo survived");
  EXPECT_EQ(WaitFor(process.get()).signal, SIGPIPE);
  ::signal(SIGPIPE, before);
}

TEST_F(WorkerProcessTest, AMissingProgramIsAnError) {
  const auto process = WorkerProcess::Start({"/nonexistent/trainer", {}, "", log(), true});
  EXPECT_EQ(process.status().code(), StatusCode::kNotFound);
}

TEST_F(WorkerProcessTest, ItDiesWithItsObject) {
  auto process = Shell("sleep 1000");
  const pid_t pid = process->pid();
  process.reset();
  EXPECT_NE(::kill(pid, 0), 0);
}

TEST(JobFolderTest, AJobLeavesNothingToTheNextOfItsId) {
  const TempFolder folder;
  const JobEnvironment environment{folder.path(), {}, {}, {}};
  ASSERT_TRUE(WriteFileAtomic(environment.config("a"), "old").ok());
  ASSERT_TRUE(WriteFileAtomic(environment.run("a") / "acoustic/step-00000001.safetensors", "old").ok());
  ASSERT_TRUE(WriteFileAtomic(environment.config("b"), "another").ok());
  environment.RemoveJob("a");
  environment.RemoveJob("nobody");
  EXPECT_FALSE(fs::exists(environment.job("a")));
  EXPECT_TRUE(fs::exists(environment.config("b")));
  // What a kill has left.
  ASSERT_TRUE(WriteFileAtomic(folder.path() / "jobs/.deleted-c-1-1/run/large", "old").ok());
  environment.RemoveLeftovers();
  EXPECT_EQ(std::distance(fs::directory_iterator(folder.path() / "jobs"), {}), 1);
}

TEST(ArtifactsTest, OnlyFilesBelowTheFolder) {
  const TempFolder folder;
  const fs::path job = folder.path() / "job";
  fs::create_directories(job / "run" / "samples");
  std::ofstream(job / "run" / "samples" / "a.wav") << "audio";
  std::ofstream(job / "run" / "lock") << "1";
  std::ofstream(job / ".hidden") << "1";
  std::ofstream(job / "config.yaml") << "x";
  std::ofstream(folder.path() / "secret") << "s";
  fs::create_symlink(folder.path() / "secret", job / "link");
  fs::create_directory_symlink(folder.path(), job / "up");
  Artifacts artifacts;
  const auto list = artifacts.List(job, "", 100);
  ASSERT_TRUE(list.ok());
  ASSERT_EQ(list->size(), 2u);
  EXPECT_EQ((*list)[0].name(), "config.yaml");
  EXPECT_EQ((*list)[1].name(), "run/samples/a.wav");
  EXPECT_EQ((*list)[1].size_bytes(), 5);
  EXPECT_EQ((*list)[0].sha256(), "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881");
  EXPECT_EQ(artifacts.List(job, "config.yaml", 100)->size(), 1u);
  EXPECT_EQ(artifacts.List(job, "", 1)->size(), 1u);
  EXPECT_TRUE(Artifacts::Find(job, "config.yaml").ok());
  for (const char* name : {"", ".", "..", "../secret", "link", "up/secret", "/etc/passwd", "run", "run/lock",
                           "run/../config.yaml", ".hidden", "config.yaml/", "\xff"}) {
    EXPECT_EQ(Artifacts::Find(job, name).status().code(), StatusCode::kNotFound) << name;
  }
}

class VoicePublisherTest : public testing::Test {
 protected:
  void SetUp() override {
    environment_.state_dir = folder_.path() / "state";
    environment_.voices = folder_.path() / "voices";
    fs::create_directories(environment_.voices);
    store_ = *JobStore::Open(environment_.store());
    publisher_ = std::make_unique<VoicePublisher>(
        store_.get(), environment_, [this](const std::string& name, bool make_default) -> Status {
          M2TTS_RETURN_IF_ERROR(go_live_);
          live_ = name;
          default_ = make_default;
          return LoadVoiceBundle(environment_.voices / name).status();
        });
  }
  fs::path Bundle(const std::string& name, const std::string& description) {
    const fs::path folder = folder_.path() / "made" / name;
    VoiceManifest manifest = TinyManifest();
    manifest.name = name;
    manifest.description = description;
    EXPECT_TRUE(SaveVoiceBundle(folder, manifest, TinyWeights()).ok());
    return folder;
  }
  std::string Described(const std::string& name) {
    const auto bundle = LoadVoiceBundle(environment_.voices / name);
    return bundle.ok() ? bundle->manifest.description : std::string(bundle.status().message());
  }

  TempFolder folder_;
  JobEnvironment environment_;
  Status go_live_;
  std::string live_;
  bool default_ = false;
  std::unique_ptr<JobStore> store_;
  std::unique_ptr<VoicePublisher> publisher_;
};

TEST_F(VoicePublisherTest, VersionsGoForwardAndBack) {
  EXPECT_EQ(publisher_->Publish("a", Bundle("v", "first"), "", true)->version, 1);
  EXPECT_EQ(live_, "v");
  EXPECT_TRUE(default_);
  EXPECT_EQ(publisher_->Publish("b", Bundle("v", "second"), "", false)->version, 2);
  EXPECT_EQ(Described("v"), "second");
  EXPECT_EQ(*publisher_->Rollback("v"), 1);
  EXPECT_EQ(Described("v"), "first");
  EXPECT_EQ(publisher_->Rollback("v").status().code(), StatusCode::kFailedPrecondition);
  EXPECT_EQ(publisher_->Publish("c", Bundle("v", "third"), "", false)->version, 3);
  EXPECT_EQ(*publisher_->Rollback("v"), 2);
  EXPECT_EQ(publisher_->Rollback("nobody").status().code(), StatusCode::kNotFound);
}

TEST_F(VoicePublisherTest, AnotherNameAndItsProvenance) {
  ASSERT_TRUE(publisher_->Publish("a", Bundle("v", "first"), "w", false).ok());
  const auto bundle = LoadVoiceBundle(environment_.voices / "w");
  ASSERT_TRUE(bundle.ok()) << bundle.status();
  EXPECT_EQ(bundle->manifest.name, "w");
  EXPECT_NE(bundle->manifest.provenance_json.find("\"job\":\"a\""), std::string::npos)
      << bundle->manifest.provenance_json;
  EXPECT_FALSE(publisher_->Publish("a", Bundle("v", "first"), "../w", false).ok());
}

TEST_F(VoicePublisherTest, AVoiceThatWasThereBeforeIsTheFirstVersion) {
  VoiceManifest shipped = TinyManifest();
  shipped.name = "v";
  shipped.description = "shipped";
  ASSERT_TRUE(SaveVoiceBundle(environment_.voices / "v", shipped, TinyWeights()).ok());
  EXPECT_EQ(publisher_->Publish("a", Bundle("v", "ours"), "", false)->version, 2);
  EXPECT_EQ(*publisher_->Rollback("v"), 1);
  EXPECT_EQ(Described("v"), "shipped");
}

TEST_F(VoicePublisherTest, WhatDoesNotLoadLeavesTheOldVoice) {
  ASSERT_TRUE(publisher_->Publish("a", Bundle("v", "first"), "", false).ok());
  go_live_ = Internal("no audio");
  EXPECT_EQ(publisher_->Publish("b", Bundle("v", "second"), "", false).status().code(),
            StatusCode::kInternal);
  EXPECT_EQ(Described("v"), "first");
  EXPECT_FALSE(publisher_->Publish("b", Bundle("new", "second"), "", false).ok());
  EXPECT_FALSE(fs::exists(environment_.voices / "new"));
  EXPECT_EQ(store_->Publications("v")->size(), 1u);
  EXPECT_FALSE(publisher_->Publish("b", folder_.path() / "nothing", "x", false).ok());
}

TEST_F(VoicePublisherTest, WhatIsNoVoiceIsNotReplaced) {
  std::ofstream(environment_.voices / "DEFAULT") << "en_US-slt\n";
  fs::create_directories(environment_.voices / "lexicon");
  std::ofstream(environment_.voices / "lexicon/words") << "hello\n";
  fs::create_symlink("/nonexistent", environment_.voices / "dangling");
  for (const char* name : {"DEFAULT", "lexicon", "dangling"}) {
    EXPECT_EQ(publisher_->Publish("a", Bundle("v", "first"), name, false).status().code(),
              StatusCode::kFailedPrecondition)
        << name;
    EXPECT_TRUE(store_->Publications(name)->empty());
  }
  EXPECT_EQ(Content(environment_.voices / "DEFAULT"), "en_US-slt\n");
  EXPECT_EQ(Content(environment_.voices / "lexicon/words"), "hello\n");
  EXPECT_TRUE(fs::is_symlink(environment_.voices / "dangling"));
  EXPECT_EQ(live_, "");
}

TEST_F(VoicePublisherTest, ARollbackThatDoesNotLoadLeavesTheNewerVoice) {
  ASSERT_TRUE(publisher_->Publish("a", Bundle("v", "first"), "", false).ok());
  ASSERT_TRUE(publisher_->Publish("b", Bundle("v", "second"), "", false).ok());
  go_live_ = Internal("no audio");
  EXPECT_EQ(publisher_->Rollback("v").status().code(), StatusCode::kInternal);
  EXPECT_EQ(Described("v"), "second");
  go_live_ = OkStatus();
  EXPECT_EQ(*publisher_->Rollback("v"), 1);
  EXPECT_EQ(Described("v"), "first");
}

TEST_F(VoicePublisherTest, EveryVersionKeepsItsProvenance) {
  ASSERT_TRUE(publisher_->Publish("a", Bundle("v", "first"), "", false).ok());
  ASSERT_TRUE(publisher_->Publish("b", Bundle("v", "second"), "", false).ok());
  const auto job_of = [](const fs::path& folder) {
    // Versions are kept under their number, which is not the name of the voice.
    const auto manifest = nlohmann::json::parse(std::ifstream(folder / "voice.json"));
    const std::string provenance = manifest["provenance"].dump();
    EXPECT_NE(provenance.find("\"steps\":12"), std::string::npos) << "what it said before stays";
    return provenance.find("\"job\":\"a\"") != std::string::npos   ? "a"
           : provenance.find("\"job\":\"b\"") != std::string::npos ? "b"
                                                                   : "?";
  };
  EXPECT_STREQ(job_of(environment_.versions("v") / "1"), "a");
  EXPECT_STREQ(job_of(environment_.versions("v") / "2"), "b");
  EXPECT_STREQ(job_of(environment_.voices / "v"), "b");
  ASSERT_TRUE(publisher_->Rollback("v").ok());
  EXPECT_STREQ(job_of(environment_.voices / "v"), "a");
}

}  // namespace
}  // namespace m2tts
