// What goes wrong within a stage, and is borne: out of memory, losses that are no number, full disks.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <optional>
#include <set>
#include <thread>

#include "tests/trainer/loop/loop_fixture.h"
#include "trainer/loop/checkpoint.h"

namespace m2tts {
namespace {

namespace fs = std::filesystem;

using ::testing::HasSubstr;

class LoopTroublesTest : public LoopTest {};

TEST_F(LoopTroublesTest, AStepOutOfMemoryIsRepeatedInSmallerPieces) {
  LineStage whole(12);
  LoopOptions options = Options();
  options.folder = folder_ / "whole";
  ASSERT_TRUE(RunStage(&whole, options, log_.get()).ok());
  LineStage tight(12, 12);
  tight.fits = 2;
  std::atomic<bool> stop{false};
  tight.on_step = [&](int64_t step) { stop = step == 7; };
  options = Options();
  options.stop = &stop;
  LineStage initial(12);
  ASSERT_TRUE(tight.LoadState(*initial.State()).ok());
  EXPECT_TRUE(absl::IsCancelled(RunStage(&tight, options, log_.get())));
  ASSERT_EQ(tight.losses.size(), 7u);
  for (size_t i = 0; i < 7; ++i) EXPECT_NEAR(tight.losses[i], whole.losses[i], 1e-4 * (1 + whole.losses[i]));
  const auto events = Events("out_of_memory");
  ASSERT_EQ(events.size(), 2u) << "found out once, and kept";
  EXPECT_EQ(events[1]["step"], 0);
  EXPECT_EQ(events[1]["parts"], 4);
  EXPECT_THAT(events[1]["reason"].get<std::string>(), HasSubstr("out of memory"));
  LineStage resumed(12);
  resumed.fits = 2;
  ASSERT_TRUE(RunStage(&resumed, Options(), log_.get()).ok());
  EXPECT_EQ(Events("out_of_memory").size(), 2u) << "remembered by the checkpoint";
}

TEST_F(LoopTroublesTest, GivesUpWhenSinglePiecesDoNotFit) {
  LineStage stage(12);
  stage.fits = -1;
  const Status status = RunStage(&stage, Options(), log_.get());
  EXPECT_TRUE(IsOutOfMemory(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("frames_per_batch"));
}

TEST_F(LoopTroublesTest, AValidationOutOfMemoryIsTriedAgainAndThenLeftOut) {
  LineStage stage(30);
  stage.failing_validations = 1;
  stage.on_step = [&](int64_t step) {
    if (step == 20) stage.failing_validations = 2;
  };
  const Status done = RunStage(&stage, Options(), log_.get());
  ASSERT_TRUE(done.ok()) << done;
  const auto validated = Events("validation"), left_out = Events("no_validation");
  ASSERT_EQ(validated.size(), 2u);
  EXPECT_EQ(validated[0]["step"], 10);
  EXPECT_EQ(validated[1]["step"], 30);
  ASSERT_EQ(left_out.size(), 1u);
  EXPECT_EQ(left_out[0]["step"], 20);
  EXPECT_THAT(left_out[0]["reason"].get<std::string>(), HasSubstr("out of memory"));
}

TEST_F(LoopTroublesTest, ASingleBadStepIsLeftOut) {
  LineStage stage(40);
  stage.on_step = [&](int64_t step) { stage.poisoned_from = step == 20 ? 0 : kNever; };
  ASSERT_TRUE(RunStage(&stage, Options(), log_.get()).ok());
  const auto skipped = Events("skipped");
  ASSERT_EQ(skipped.size(), 1u);
  EXPECT_EQ(skipped[0]["step"], 21);
  EXPECT_TRUE(skipped[0]["loss"].is_null());
  EXPECT_TRUE(Events("rollback").empty());
  EXPECT_LT(stage.losses.back(), 0.2 * stage.losses.front());
}

TEST_F(LoopTroublesTest, GoesBackToTheCheckpointWithALowerLearningRate) {
  LineStage stage(40);
  stage.poisoned_from = 13;
  stage.poisoned_above = 0.12;  // the rate there is about 0.24
  ASSERT_TRUE(RunStage(&stage, Options(), log_.get()).ok());
  const auto rollbacks = Events("rollback");
  ASSERT_EQ(rollbacks.size(), 1u);
  EXPECT_EQ(rollbacks[0]["step"], 10) << "the newest checkpoint before the bad steps";
  EXPECT_EQ(rollbacks[0]["from"], 13 + kMaxBadSteps);
  EXPECT_EQ(rollbacks[0]["rate_scale"], 0.5);
  EXPECT_NEAR(stage.rates[13 + kMaxBadSteps], 0.5 * stage.rates[10], 1e-12);
  EXPECT_LT(stage.losses.back(), 0.2 * stage.losses.front());
}

// A checkpoint of weights that only give NaN would be the one that is returned to; and nothing may be lost.
TEST_F(LoopTroublesTest, ARunStoppedAmongBadStepsGoesOnExactlyAndReturnsBeforeThem) {
  const auto poison = [](LineStage* stage) {
    stage->poisoned_from = 13;
    stage->poisoned_above = 0.12;
  };
  LineStage whole(40);
  poison(&whole);
  LoopOptions options = Options();
  options.folder = folder_ / "whole";
  ASSERT_TRUE(RunStage(&whole, options, log_.get()).ok());

  LineStage stopped(40);
  poison(&stopped);
  std::atomic<bool> stop{false};
  stopped.on_step = [&](int64_t step) { stop = step == 15; };
  options = Options();
  options.stop = &stop;
  EXPECT_TRUE(absl::IsCancelled(RunStage(&stopped, options, log_.get())));
  ASSERT_EQ(stopped.losses.size(), 15u);
  ASSERT_TRUE(std::isnan(stopped.losses.back()));

  LineStage resumed(40, 12);
  poison(&resumed);
  ASSERT_TRUE(RunStage(&resumed, Options(), log_.get()).ok());
  ASSERT_EQ(resumed.losses.size() + 15, whole.losses.size()) << "it goes on from step 15";
  for (size_t i = 0; i < resumed.losses.size(); ++i) {
    if (std::isnan(whole.losses[i + 15])) {
      EXPECT_TRUE(std::isnan(resumed.losses[i])) << i;
    } else {
      EXPECT_EQ(resumed.losses[i], whole.losses[i + 15]) << i;
    }
  }
  for (const auto& rollback : Events("rollback")) EXPECT_EQ(rollback["step"], 10);
  EXPECT_EQ(Events("rollback").size(), 2u) << "one of each";
  EXPECT_FALSE(fs::exists(folder_ / "line/aside.safetensors"));
}

TEST_F(LoopTroublesTest, GivesUpWhenTheLossStaysNotANumber) {
  LineStage stage(1000);
  stage.poisoned_from = 0;
  const auto before = stage.ExportWeights();
  const Status status = RunStage(&stage, Options(), log_.get());
  EXPECT_TRUE(absl::IsInternal(status)) << status;
  EXPECT_NE(status.message().find("learning_rate"), std::string::npos);
  EXPECT_NE(status.message().find("--run"), std::string::npos)
      << "in the same folder another rate is refused";
  EXPECT_EQ(Events("rollback").size(), static_cast<size_t>(kMaxRollbacks));
  for (const auto& [name, tensor] : stage.ExportWeights()) EXPECT_TRUE(torch::equal(tensor, before.at(name)));
}

// While it lives, this process can write no file longer than `bytes`: a full disk, nearly.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit = {bytes, before_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() {
    setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }

 private:
  rlimit before_;
  void (*handler_)(int);
};

TEST_F(LoopTroublesTest, ProgressThatFindsNoRoomIsLostAndEndsNothing) {
  const int terminal = dup(STDERR_FILENO);
  const int file = open((folder_ / "stderr").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
  ASSERT_GE(file, 0);
  dup2(file, STDERR_FILENO);
  Status done;
  {
    LineStage stage(4);
    stage.mutable_config()->checkpoint_every = 100;
    std::optional<FileSizeLimit> limit;
    stage.on_step = [&](int64_t step) {
      if (step == 1) limit.emplace(0);
      if (step == 3) limit.reset();
      log_->Message("a line for people");
    };
    done = RunStage(&stage, Options(), log_.get());
  }
  dup2(terminal, STDERR_FILENO);
  close(terminal);
  close(file);
  EXPECT_TRUE(done.ok()) << done;
}

TEST_F(LoopTroublesTest, AFullDiskIsWaitedFor) {
  LineStage stage(20);
  std::optional<FileSizeLimit> limit;
  stage.on_step = [&](int64_t step) {
    if (step == 8) limit.emplace(16);
  };
  int sleeps = 0;
  on_sleep_ = [&] {
    if (++sleeps == 3) limit.reset();
  };
  ASSERT_TRUE(RunStage(&stage, Options(), log_.get()).ok());
  EXPECT_EQ(sleeps, 3);
  EXPECT_EQ(stage.losses.size(), 20u);
  EXPECT_EQ(Events("validation").size(), 2u) << "lines without room are kept and written later";
}

TEST_F(LoopTroublesTest, WhatAFullDiskDidNotTakeIsWrittenWithTheNext) {
  LineStage stage(20);
  stage.mutable_config()->milestone_every = 10;
  std::optional<FileSizeLimit> limit;
  stage.on_step = [&](int64_t step) {
    // The best so far, and a milestone, is that of step 10; the one after it is neither.
    if (step == 8) limit.emplace(16);
  };
  on_sleep_ = [&] { limit.reset(); };
  ASSERT_TRUE(RunStage(&stage, Options(), log_.get()).ok());
  const auto milestone = ReadCheckpoint(folder_ / "line/milestone-00000010.safetensors");
  ASSERT_TRUE(milestone.ok()) << milestone.status();
  EXPECT_EQ(milestone->step, 10);
  const auto validations = Events("validation");
  ASSERT_EQ(validations.size(), 2u);
  const auto best = ReadCheckpoint(folder_ / "line/best.safetensors");
  ASSERT_TRUE(best.ok()) << best.status();
  const bool second_is_better = validations[1]["loss"] < validations[0]["loss"];
  EXPECT_EQ(best->step, second_is_better ? 20 : 10);
}

TEST_F(LoopTroublesTest, AFullDiskThatStaysFullIsAnErrorAndLosesNothing) {
  LineStage stage(20);
  std::optional<FileSizeLimit> limit;
  stage.on_step = [&](int64_t step) {
    if (step != 8) return;
    // Written beside the steps: let it arrive.
    while (!fs::exists(folder_ / "line/step-00000005.safetensors")) std::this_thread::yield();
    limit.emplace(16);
  };
  const Status status = RunStage(&stage, Options(), log_.get());
  limit.reset();
  EXPECT_EQ(status.code(), StatusCode::kResourceExhausted);
  // That of step 10 was written while steps went on.
  EXPECT_THAT(std::string(status.message()), HasSubstr("step-00000015.safetensors"));
  std::set<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder_ / "line")) names.insert(entry.path().filename());
  EXPECT_EQ(names, (std::set<std::string>{"step-00000000.safetensors", "step-00000005.safetensors"}));
  LineStage second(20);
  ASSERT_TRUE(RunStage(&second, Options(), log_.get()).ok());
  EXPECT_EQ(second.losses.size(), 15u);
}

TEST_F(LoopTroublesTest, AnOutputThatCannotBeWrittenIsNamed) {
  std::ofstream(folder_ / "file") << "x";
  const auto log = RunLog::Open(folder_ / "file/run");
  ASSERT_FALSE(log.ok());
  EXPECT_THAT(std::string(log.status().message()), HasSubstr("file/run"));
  LineStage stage(10);
  LoopOptions options = Options();
  options.folder = folder_ / "file/line";
  const Status status = RunStage(&stage, options, log_.get());
  EXPECT_FALSE(status.ok());
  EXPECT_THAT(std::string(status.message()), HasSubstr("file/line"));
  EXPECT_TRUE(stage.losses.empty()) << "found before the first step";
}

}  // namespace
}  // namespace m2tts
