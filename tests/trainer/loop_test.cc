#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "core/base/file.h"
#include "trainer/loop/checkpoint.h"
#include "trainer/loop/optimizer.h"
#include "trainer/loop/run_log.h"
#include "trainer/loop/train_loop.h"

namespace m2tts {
namespace {

namespace fs = std::filesystem;

// Fits a line; the data of a step depends on the step alone.
class LineStage : public Stage {
 public:
  explicit LineStage(int64_t steps) {
    config_.steps = steps;
    config_.learning_rate = 0.3;
    config_.warmup_steps = 2;
    config_.validate_every = 10;
    config_.checkpoint_every = 5;
    config_.ema_decay = 0.9;
    torch::manual_seed(11);
    line_ = torch::nn::Linear(1, 1);
    optimizer_ = std::make_unique<Optimizer>(line_.ptr(), config_);
  }
  std::string name() const override { return "line"; }
  const StageConfig& config() const override { return config_; }
  StatusOr<Metrics> Step(int64_t step, double rate) override {
    torch::manual_seed(100 + step);
    const auto x = torch::randn({8, 1});
    optimizer_->ZeroGrad();
    const auto target = poisoned ? x * std::nan("") : 3.0 * x + 1.0;
    const auto loss = torch::mse_loss(line_(x), target);
    optimizer_->Step(loss, rate);
    losses.push_back(loss.item<double>());
    if (stop_after == step + 1) *stop = true;
    return Metrics{{"loss", losses.back()}};
  }
  StatusOr<Metrics> Validate() override {
    const Optimizer::Averaged averaged(optimizer_.get());
    torch::NoGradGuard no_grad;
    const auto x = torch::linspace(-1, 1, 5).unsqueeze(1);
    return Metrics{{"loss", torch::mse_loss(line_(x), 3.0 * x + 1.0).item<double>()}};
  }
  StatusOr<TensorMap> State() const override { return optimizer_->State("line."); }
  Status LoadState(const TensorMap& state) override { return optimizer_->LoadState(state, "line."); }
  std::vector<std::string> StartFrom(const TensorMap& weights) override {
    return optimizer_->StartFrom(weights);
  }
  TensorMap ExportWeights() const override { return optimizer_->AveragedWeights("line."); }
  int64_t frames_seen() const override { return static_cast<int64_t>(losses.size()) * 8; }

  std::vector<double> losses;
  bool poisoned = false;
  int64_t stop_after = -1;
  std::atomic<bool>* stop = nullptr;

 private:
  StageConfig config_;
  torch::nn::Linear line_{nullptr};
  std::unique_ptr<Optimizer> optimizer_;
};

class LoopTest : public testing::Test {
 protected:
  void SetUp() override {
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    folder_ = fs::path(testing::TempDir()) / fmt::format("m2tts-{}-{}", test->name(), getpid());
    fs::remove_all(folder_);
    log_ = *RunLog::Open(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }
  LoopOptions Options() const { return {folder_ / "line", "config: text", nullptr}; }

  fs::path folder_;
  std::unique_ptr<RunLog> log_;
};

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
  ASSERT_TRUE(RunStage(&whole, {folder_ / "whole", "", nullptr}, log_.get()).ok());
  std::atomic<bool> stop{false};
  LineStage first(40);
  first.stop_after = 17;
  first.stop = &stop;
  LoopOptions options = Options();
  options.stop = &stop;
  EXPECT_TRUE(absl::IsCancelled(RunStage(&first, options, log_.get())));
  EXPECT_EQ(first.losses.size(), 17u);
  LineStage second(40);
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

TEST_F(LoopTest, GivesUpWhenTheLossStaysNotANumber) {
  LineStage stage(100);
  stage.poisoned = true;
  const auto before = stage.ExportWeights();
  const Status status = RunStage(&stage, Options(), log_.get());
  EXPECT_TRUE(absl::IsInternal(status)) << status;
  EXPECT_NE(status.message().find("learning_rate"), std::string::npos);
  for (const auto& [name, tensor] : stage.ExportWeights()) EXPECT_TRUE(torch::equal(tensor, before.at(name)));
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
  EXPECT_TRUE(absl::IsNotFound(folder.LoadBest().status()));
}

TEST(FormatDurationTest, ReadsWell) {
  EXPECT_EQ(FormatDuration(5), "5 s");
  EXPECT_EQ(FormatDuration(200), "3 min 20 s");
  EXPECT_EQ(FormatDuration(3720), "1 h 02 min");
}

}  // namespace
}  // namespace m2tts
