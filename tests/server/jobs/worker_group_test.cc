#include "server/jobs/worker_process.h"

#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>
#include <fstream>
#include <string>
#include <thread>

#include "tests/core/base/temp_folder.h"

namespace m2tts {
namespace {

// "S", "T", ... of /proc; "" when there is no such process, or only what its parent has not taken note of.
std::string StateOf(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::string number, name, state;
  file >> number >> name >> state;
  return state == "Z" ? "" : state;
}

bool Becomes(pid_t pid, const std::string& states) {
  for (int i = 0; i < 500; ++i) {
    const std::string state = StateOf(pid);
    if (state.empty() ? states.empty() : states.find(state) != std::string::npos) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));  // another process: nothing to wait on
  }
  return false;
}

// A worker that has started a process of its own, as an evaluation does its recognizer.
class WorkerGroupTest : public testing::Test {
 protected:
  void SetUp() override {
    WorkerProcess::Options options;
    options.program = "/bin/sh";
    options.arguments = {"-c", "sleep 300 & echo $! > '" + (dir_.path() / "pid").string() + "'; wait"};
    options.log = dir_.path() / "log";
    auto started = WorkerProcess::Start(options);
    ASSERT_TRUE(started.ok()) << started.status().message();
    worker_ = *std::move(started);
    for (int i = 0; i < 500 && !(std::ifstream(dir_.path() / "pid") >> child_); ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    ASSERT_GT(child_, 0);
    ASSERT_TRUE(Becomes(child_, "SR"));
  }
  void TearDown() override {
    if (child_ > 0) ::kill(child_, SIGKILL);
  }

  TempFolder dir_;
  std::unique_ptr<WorkerProcess> worker_;
  pid_t child_ = 0;
};

TEST_F(WorkerGroupTest, WhatItStartedStopsAndGoesOnWithIt) {
  worker_->Freeze();
  EXPECT_TRUE(Becomes(worker_->pid(), "T"));
  EXPECT_TRUE(Becomes(child_, "T"));
  worker_->Thaw();
  EXPECT_TRUE(Becomes(worker_->pid(), "SR"));
  EXPECT_TRUE(Becomes(child_, "SR"));
}

TEST_F(WorkerGroupTest, WhatItStartedEndsWithIt) {
  worker_.reset();
  EXPECT_TRUE(Becomes(child_, ""));
}

}  // namespace
}  // namespace m2tts
