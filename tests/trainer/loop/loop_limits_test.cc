// What stops or delays a stage that is well: budgets, heat, memory of the machine.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>

#include "tests/trainer/loop/loop_fixture.h"

namespace m2tts {
namespace {

namespace fs = std::filesystem;

using ::testing::HasSubstr;

class LoopLimitsTest : public LoopTest {};

TEST_F(LoopLimitsTest, BudgetsStopARunThatCanGoOn) {
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

TEST_F(LoopLimitsTest, SeriousHeatPausesBetweenSteps) {
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

TEST_F(LoopLimitsTest, CriticalMemoryStopsARunThatCanGoOn) {
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

TEST_F(LoopLimitsTest, APauseEndsWhenARunIsAskedToStop) {
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

TEST_F(LoopLimitsTest, AStageStaysAsLongAsThereIsAReason) {
  std::vector<std::string> reasons = {"", "it is hot", "it is hot"};
  LoopOptions options = Options();
  options.stay = [&] {
    const std::string reason = reasons.back();
    reasons.pop_back();
    return reason;
  };
  LineStage first(30);
  RunBudget budget(std::nullopt, 32);
  options.budget = &budget;
  EXPECT_TRUE(absl::IsAborted(RunStage(&first, options, log_.get())));
  EXPECT_EQ(reasons.size(), 2u);
  options.budget = nullptr;
  LineStage second(30);  // from step 32, where it asks again
  ASSERT_TRUE(RunStage(&second, options, log_.get()).ok());
  EXPECT_EQ(second.losses.size(), 3u);
  const auto stayed = Events("stayed");
  ASSERT_EQ(stayed.size(), 2u);
  EXPECT_EQ(stayed[0]["step"], 30);
  EXPECT_EQ(stayed[0]["until"], 33);
  EXPECT_EQ(stayed[0]["reason"], "it is hot");
  EXPECT_EQ(stayed[1]["step"], 32);
  EXPECT_EQ(stayed[1]["until"], 35);
  EXPECT_TRUE(fs::exists(folder_ / "line/step-00000035.safetensors"));
}

TEST_F(LoopLimitsTest, NothingGrowsIntoHeatOrFullMemory) {
  WriteSensors("memory: {resident_mb: 300, available_mb: 2900, limit_mb: 4000}");
  const auto protection = MakeProtection();
  WriteSensors("memory: {resident_mb: 900, available_mb: 2000, limit_mb: 4000}");
  EXPECT_EQ(protection->ReasonNotToGrow(1.0), "");
  EXPECT_EQ(protection->ReasonNotToGrow(2.0), "") << "65 % of memory in use, with 600 MB more";
  EXPECT_EQ(
      protection->ReasonNotToGrow(4.0),
      "memory, of which the larger model would take 1800 MB more: 95.0 % of memory in use (serious from 92)");
  WriteSensors("thermal: {celsius: 84}");
  EXPECT_EQ(protection->ReasonNotToGrow(1.0), "heat: 84.0 C (fair from 80)");
  WriteSensors("{}");
  EXPECT_EQ(protection->ReasonNotToGrow(100.0), "") << "what is unknown has no say";
}

}  // namespace
}  // namespace m2tts
