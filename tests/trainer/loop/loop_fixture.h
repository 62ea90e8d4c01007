// A stage that learns to fit a line within milliseconds, and does on demand what goes wrong with real ones;
// and a fixture that runs it with a clock of its own.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "core/device/guard.h"
#include "trainer/loop/optimizer.h"
#include "trainer/loop/run_log.h"
#include "trainer/loop/train_loop.h"

namespace m2tts {

inline constexpr int64_t kNever = 1 << 30;

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
        BeforePiece();
        if (on_piece) on_piece(size);
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
    return Guard("line validation", [&]() -> StatusOr<Metrics> {
      if (failing_validations > 0 && failing_validations-- > 0) torch::empty({int64_t{1} << 50});
      const Optimizer::Averaged averaged(optimizer_.get());
      torch::NoGradGuard no_grad;
      const auto x = torch::linspace(-1, 1, 5).unsqueeze(1);
      return Metrics{{"loss", torch::mse_loss(line_(x), 3.0 * x + 1.0).item<double>()}};
    });
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
  int failing_validations = 0;        // that run out of memory, from now on
  std::function<void(int64_t)> on_step;
  std::function<void(int64_t)> on_piece;  // samples in it

 private:
  StageConfig config_;
  torch::nn::Linear line_{nullptr};
  std::unique_ptr<Optimizer> optimizer_;
};

class LoopTest : public testing::Test {
 protected:
  void SetUp() override {
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    folder_ = std::filesystem::path(testing::TempDir()) / fmt::format("m2tts-{}-{}", test->name(), getpid());
    std::filesystem::remove_all(folder_);
    log_ = *RunLog::Open(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
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

  std::filesystem::path folder_;
  std::unique_ptr<RunLog> log_;
  LoopClock::Time now_;
  std::function<void()> on_sleep_;
};

}  // namespace m2tts
