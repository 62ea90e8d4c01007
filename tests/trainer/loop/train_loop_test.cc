#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <thread>

#include "core/base/file.h"
#include "core/device/guard.h"
#include "trainer/loop/checkpoint.h"
#include "trainer/loop/optimizer.h"
#include "trainer/loop/run_log.h"
#include "trainer/loop/train_loop.h"

namespace m2tts {
namespace {

namespace fs = std::filesystem;

using ::testing::HasSubstr;

constexpr int64_t kNever = 1 << 30;

// Fits a line; the data of a step depends on the step alone.
class LineStage : public Stage {
 public:
  // `seed`: of the initial weights.
  explicit LineStage(int64_t steps, uint64_t seed = 11) {
    config_.steps = steps;
    config_.learning_rate = 0.3;
    config_.warmup_steps = 2;
    config_.validate_every = 10;
    config_.checkpoint_every = 5;
    config_.ema_decay = 0.9;
    torch::manual_seed(seed);
    line_ = torch::nn::Linear(1, 1);
    optimizer_ = std::make_unique<Optimizer>(line_.ptr(), config_);
  }
  std::string name() const override { return "line"; }
  const StageConfig& config() const override { return config_; }
  StageConfig* mutable_config() { return &config_; }
  StatusOr<Metrics> Step(int64_t step, double rate, int parts) override {
    return Guard("line step", [&]() -> StatusOr<Metrics> {
      torch::manual_seed(100 + step);
      const auto x = torch::randn({8, 1});
      optimizer_->ZeroGrad();
      const bool poisoned = step >= poisoned_from && rate > poisoned_above;
      const auto target = poisoned ? x * std::nan("") : 3.0 * x + 1.0;
      double sum = 0.0;
      for (int part = 0; part < parts; ++part) {
        const int64_t size = 8 / parts;
        // More than any machine has, unless the pieces are small enough.
        if (size > fits) torch::empty({int64_t{1} << 50});
        const auto a = x.narrow(0, part * size, size), b = target.narrow(0, part * size, size);
        const auto loss = torch::mse_loss(line_(a), b) / parts;
        optimizer_->Backward(loss);
        sum += loss.item<double>();
      }
      optimizer_->Update(rate);
      losses.push_back(sum);
      rates.push_back(rate);
      if (on_step) on_step(step + 1);
      return Metrics{{"loss", sum}};
    });
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

  std::vector<double> losses, rates;  // of the steps that went through
  int64_t poisoned_from = kNever;     // steps from here on have no finite loss ...
  double poisoned_above = -1.0;       // ... at higher learning rates
  int64_t fits = 8;                   // samples in one piece
  std::function<void(int64_t)> on_step;

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
  LoopOptions Options() {
    LoopOptions options;
    options.folder = folder_ / "line";
    options.config_text = "config: text";
    options.clock.now = [this] { return now_; };
    options.clock.sleep = [this](LoopClock::Seconds time) {
      now_ += std::chrono::duration_cast<LoopClock::Time::duration>(time);
      if (on_sleep_) on_sleep_();
    };
    return options;
  }
  // Lines of log.jsonl with this event.
  std::vector<nlohmann::json> Events(const std::string& event) const {
    std::vector<nlohmann::json> found;
    std::ifstream file(folder_ / "log.jsonl");
    for (std::string line; std::getline(file, line);) {
      auto json = nlohmann::json::parse(line);
      if (json["event"] == event) found.push_back(std::move(json));
    }
    return found;
  }
  void WriteSensors(const std::string& text) const { std::ofstream(folder_ / "sensors.yaml") << text; }
  std::unique_ptr<Protection> MakeProtection() {
    ProtectionConfig config;
    config.sensors = folder_ / "sensors.yaml";
    config.levels.min_dwell = std::chrono::seconds(3);
    auto protection = Protection::Create(config, Options().clock);
    EXPECT_TRUE(protection.ok()) << protection.status();
    return *std::move(protection);
  }

  fs::path folder_;
  std::unique_ptr<RunLog> log_;
  LoopClock::Time now_;
  std::function<void()> on_sleep_;
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

TEST_F(LoopTest, AStepOutOfMemoryIsRepeatedInSmallerPieces) {
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

TEST_F(LoopTest, GivesUpWhenSinglePiecesDoNotFit) {
  LineStage stage(12);
  stage.fits = -1;
  const Status status = RunStage(&stage, Options(), log_.get());
  EXPECT_TRUE(IsOutOfMemory(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("frames_per_batch"));
}

TEST_F(LoopTest, ASingleBadStepIsLeftOut) {
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

TEST_F(LoopTest, GoesBackToTheCheckpointWithALowerLearningRate) {
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

TEST_F(LoopTest, GivesUpWhenTheLossStaysNotANumber) {
  LineStage stage(1000);
  stage.poisoned_from = 0;
  const auto before = stage.ExportWeights();
  const Status status = RunStage(&stage, Options(), log_.get());
  EXPECT_TRUE(absl::IsInternal(status)) << status;
  EXPECT_NE(status.message().find("learning_rate"), std::string::npos);
  EXPECT_EQ(Events("rollback").size(), static_cast<size_t>(kMaxRollbacks));
  for (const auto& [name, tensor] : stage.ExportWeights()) EXPECT_TRUE(torch::equal(tensor, before.at(name)));
}

TEST_F(LoopTest, BudgetsStopARunThatCanGoOn) {
  LineStage first(40);
  RunBudget steps(std::nullopt, 13);
  LoopOptions options = Options();
  options.budget = &steps;
  const Status spent = RunStage(&first, options, log_.get());
  EXPECT_TRUE(absl::IsAborted(spent)) << spent;
  EXPECT_THAT(std::string(spent.message()), HasSubstr("13 steps are spent: stopped after step 13 of 40"));
  EXPECT_EQ(first.losses.size(), 13u);

  LineStage second(40);
  second.on_step = [this](int64_t) { now_ += std::chrono::seconds(30); };
  RunBudget time(2.0, std::nullopt, options.clock);
  options.budget = &time;
  EXPECT_TRUE(absl::IsAborted(RunStage(&second, options, log_.get())));
  EXPECT_EQ(second.losses.size(), 4u) << "two minutes of thirty seconds each";

  LineStage third(40);
  ASSERT_TRUE(RunStage(&third, Options(), log_.get()).ok());
  EXPECT_EQ(third.losses.size(), 40u - 13 - 4);
}

TEST_F(LoopTest, SeriousHeatPausesBetweenSteps) {
  WriteSensors("thermal: {celsius: 60}");
  const auto protection = MakeProtection();
  LineStage stage(30);
  stage.on_step = [&](int64_t step) {
    now_ += std::chrono::seconds(1);
    if (step == 12) WriteSensors("thermal: {celsius: 93}");
  };
  int sleeps = 0;
  on_sleep_ = [&] {
    EXPECT_TRUE(fs::exists(folder_ / "line/step-00000013.safetensors")) << "a checkpoint comes first";
    if (++sleeps == 5) WriteSensors("thermal: {celsius: 70}");
  };
  LoopOptions options = Options();
  options.protection = protection.get();
  ASSERT_TRUE(RunStage(&stage, options, log_.get()).ok());
  EXPECT_EQ(stage.losses.size(), 30u);
  const auto paused = Events("paused"), resumed = Events("resumed");
  ASSERT_EQ(paused.size(), 1u);
  EXPECT_EQ(paused[0]["step"], 13) << "after two readings";
  EXPECT_EQ(paused[0]["reason"], "serious heat: 93.0 C (serious from 90)");
  ASSERT_EQ(resumed.size(), 1u);
  EXPECT_EQ(resumed[0]["seconds"], 7.0) << "the last hot reading is the fourth; a dwell of three follows";
}

TEST_F(LoopTest, CriticalMemoryStopsARunThatCanGoOn) {
  WriteSensors("memory: {available_mb: 4000, limit_mb: 8000}");
  const auto protection = MakeProtection();
  LineStage stage(30);
  stage.on_step = [&](int64_t step) {
    now_ += std::chrono::seconds(1);
    if (step == 12) WriteSensors("memory: {available_mb: 80, limit_mb: 8000}");
  };
  LoopOptions options = Options();
  options.protection = protection.get();
  const Status status = RunStage(&stage, options, log_.get());
  EXPECT_TRUE(absl::IsUnavailable(status)) << status;
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("critical memory pressure: 99.0 % of memory in use (critical from 97)"));
  EXPECT_EQ(Events("stopped").size(), 1u);
  LineStage second(30);
  ASSERT_TRUE(RunStage(&second, Options(), log_.get()).ok());
  EXPECT_EQ(second.losses.size(), 30u - stage.losses.size());
}

TEST_F(LoopTest, APauseEndsWhenARunIsAskedToStop) {
  WriteSensors("thermal: {level: serious}");
  const auto protection = MakeProtection();
  std::atomic<bool> stop{false};
  LineStage stage(30);
  stage.on_step = [&](int64_t) { now_ += std::chrono::seconds(1); };
  on_sleep_ = [&] { stop = true; };
  LoopOptions options = Options();
  options.protection = protection.get();
  options.stop = &stop;
  EXPECT_TRUE(absl::IsCancelled(RunStage(&stage, options, log_.get())));
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

TEST_F(LoopTest, AFullDiskIsWaitedFor) {
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

TEST_F(LoopTest, AFullDiskThatStaysFullIsAnErrorAndLosesNothing) {
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

TEST_F(LoopTest, AnOutputThatCannotBeWrittenIsNamed) {
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
  EXPECT_TRUE(absl::IsNotFound(folder.LoadBest().status()));
}

TEST(FormatDurationTest, ReadsWell) {
  EXPECT_EQ(FormatDuration(5), "5 s");
  EXPECT_EQ(FormatDuration(200), "3 min 20 s");
  EXPECT_EQ(FormatDuration(3720), "1 h 02 min");
}

}  // namespace
}  // namespace m2tts
