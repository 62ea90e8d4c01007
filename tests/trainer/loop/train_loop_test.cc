// What a stage leaves behind, and how it goes on from there.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <set>

#include "tests/trainer/loop/loop_fixture.h"
#include "trainer/loop/checkpoint.h"

namespace m2tts {
namespace {

namespace fs = std::filesystem;

using ::testing::HasSubstr;

TEST_F(LoopTest, LearnsAndKeepsTheLastCheckpoints) {
  LineStage stage(60);
  ASSERT_TRUE(RunStage(&stage, Options(), log_.get()).ok());
  EXPECT_LT(stage.losses.back(), 0.2 * stage.losses.front());
  int checkpoints = 0;
  for (const auto& entry : fs::directory_iterator(folder_ / "line")) {
    checkpoints += entry.path().filename().string().rfind("step-", 0) == 0;
  }
  EXPECT_EQ(checkpoints, 2);
  EXPECT_TRUE(fs::exists(folder_ / "line/best.safetensors"));
}

TEST_F(LoopTest, ResumedRunContinuesBitForBit) {
  LineStage whole(40);
  LoopOptions options = Options();
  options.folder = folder_ / "whole";
  ASSERT_TRUE(RunStage(&whole, options, log_.get()).ok());
  std::atomic<bool> stop{false};
  LineStage first(40);
  first.on_step = [&](int64_t step) { stop = step == 17; };
  options = Options();
  options.stop = &stop;
  EXPECT_TRUE(absl::IsCancelled(RunStage(&first, options, log_.get())));
  EXPECT_EQ(first.losses.size(), 17u);
  LineStage second(40, 12);
  ASSERT_TRUE(RunStage(&second, Options(), log_.get()).ok());
  std::vector<double> joined = first.losses;
  joined.insert(joined.end(), second.losses.begin(), second.losses.end());
  EXPECT_EQ(joined, whole.losses);
  const auto a = whole.ExportWeights(), b = second.ExportWeights();
  for (const auto& [name, tensor] : a) EXPECT_TRUE(torch::equal(tensor, b.at(name))) << name;
}

TEST_F(LoopTest, PassesOverADamagedCheckpoint) {
  LineStage first(20);
  ASSERT_TRUE(RunStage(&first, Options(), log_.get()).ok());
  std::ofstream(folder_ / "line/step-00000020.safetensors", std::ios::trunc) << "half a file";
  std::vector<std::string> messages;
  const auto latest = CheckpointFolder(folder_ / "line", 2).LoadLatest(&messages);
  ASSERT_TRUE(latest.ok() && latest->has_value());
  EXPECT_EQ((*latest)->step, 15);
  EXPECT_EQ((*latest)->config, "config: text");
  ASSERT_EQ(messages.size(), 1u);
  EXPECT_NE(messages[0].find("step-00000020"), std::string::npos);
}

TEST_F(LoopTest, GoesOnFromTheOneBeforeADamagedOneAndKeepsWhatItWritesThen) {
  std::atomic<bool> stop{false};
  LineStage first(40);
  first.mutable_config()->milestone_every = 10;
  first.on_step = [&](int64_t step) { stop = step == 29; };
  LoopOptions options = Options();
  options.stop = &stop;
  EXPECT_TRUE(absl::IsCancelled(RunStage(&first, options, log_.get())));
  for (const char* name : {"step-00000029.safetensors", "step-00000025.safetensors"}) {
    fs::remove(folder_ / "line" / name);
    std::ofstream(folder_ / "line" / name) << "half a file";
  }
  stop = false;
  LineStage second(40, 12);
  second.on_step = [&](int64_t step) { stop = step == 21; };
  EXPECT_TRUE(absl::IsCancelled(RunStage(&second, options, log_.get())));
  EXPECT_EQ(second.losses.size(), 1u) << "from the milestone of step 20";
  EXPECT_TRUE(fs::exists(folder_ / "line/step-00000021.safetensors"));
  EXPECT_TRUE(fs::exists(folder_ / "line/step-00000029.safetensors.damaged"));
  stop = false;
  LineStage third(40, 13);
  ASSERT_TRUE(RunStage(&third, Options(), log_.get()).ok());
  EXPECT_EQ(third.losses.size(), 19u);
  EXPECT_EQ(second.losses[0], first.losses[20]);
}

TEST_F(LoopTest, AChangedConfigIsRefusedByFieldName) {
  LineStage first(10);
  LoopOptions options = Options();
  options.config_text = "seed: 1";
  ASSERT_TRUE(RunStage(&first, options, log_.get()).ok());
  LineStage second(20);
  options.config_text = "seed: 2";
  const Status refused = RunStage(&second, options, log_.get());
  EXPECT_EQ(refused.code(), StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(refused.message()), HasSubstr("seed: was 1, is 2"));
  options.config_text = "{seed: 1, threads: 4, line: {steps: 20}}";
  EXPECT_TRUE(RunStage(&second, options, log_.get()).ok());
  EXPECT_EQ(second.losses.size(), 10u);
}

TEST_F(LoopTest, MilestonesAreKept) {
  LineStage stage(40);
  stage.mutable_config()->milestone_every = 16;
  ASSERT_TRUE(RunStage(&stage, Options(), log_.get()).ok());
  std::set<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder_ / "line")) names.insert(entry.path().filename());
  EXPECT_EQ(names, (std::set<std::string>{"best.safetensors", "milestone-00000016.safetensors",
                                          "milestone-00000032.safetensors", "step-00000035.safetensors",
                                          "step-00000040.safetensors"}));
  for (const char* name : {"step-00000035.safetensors", "step-00000040.safetensors"}) {
    std::ofstream(folder_ / "line" / name, std::ios::trunc) << "damaged";
  }
  std::vector<std::string> messages;
  const auto latest = CheckpointFolder(folder_ / "line", 2).LoadLatest(&messages);
  ASSERT_TRUE(latest.ok() && latest->has_value());
  EXPECT_EQ((*latest)->step, 32);
  EXPECT_EQ(messages.size(), 2u);
}

TEST_F(LoopTest, HalfALineOfADyingRunIsCutOff) {
  log_->Event("step", "line", 1, {{"loss", 0.5}});
  std::ofstream(folder_ / "log.jsonl", std::ios::app) << R"({"time": 1, "event": "st)";
  log_ = *RunLog::Open(folder_);
  log_->Event("step", "line", 2, {{"loss", std::nan("")}}, "why");
  const auto steps = Events("step");
  ASSERT_EQ(steps.size(), 2u);
  EXPECT_EQ(steps[0]["loss"], 0.5);
  EXPECT_TRUE(steps[1]["loss"].is_null());
  EXPECT_EQ(steps[1]["reason"], "why");
}

TEST(LearningRateTest, WarmsUpThenFallsToItsFloor) {
  StageConfig config;
  config.steps = 1000;
  config.warmup_steps = 100;
  config.learning_rate = 1.0;
  config.final_ratio = 0.1;
  EXPECT_NEAR(LearningRate(config, 0), 0.01, 1e-9);
  EXPECT_NEAR(LearningRate(config, 99), 1.0, 1e-9);
  EXPECT_NEAR(LearningRate(config, 550), 0.55, 1e-3);
  EXPECT_NEAR(LearningRate(config, 1000), 0.1, 1e-9);
}

TEST(CheckpointTest, NothingToLoadIsNotFound) {
  std::vector<std::string> messages;
  const CheckpointFolder folder("/nonexistent/run", 2);
  EXPECT_FALSE(folder.LoadLatest(&messages)->has_value());
  EXPECT_TRUE(absl::IsNotFound(folder.LoadBest(&messages).status()));
  EXPECT_FALSE(folder.Begun());
}

TEST(FormatDurationTest, ReadsWell) {
  EXPECT_EQ(FormatDuration(5), "5 s");
  EXPECT_EQ(FormatDuration(200), "3 min 20 s");
  EXPECT_EQ(FormatDuration(3720), "1 h 02 min");
}

}  // namespace
}  // namespace m2tts
