// Pieces of a batch that follow the time that requests may wait: the plan alone, then the loop with it.
#include "trainer/loop/piece_plan.h"

#include <gtest/gtest.h>

#include <atomic>
#include <random>

#include "tests/trainer/loop/loop_fixture.h"
#include "trainer/loop/checkpoint.h"
#include "trainer/loop/piece_timer.h"

namespace m2tts {
namespace {

constexpr double kLimit = 0.05;

// `steps` steps of batches that take so long as a whole.
void Simulate(PiecePlan* plan, double batch_seconds, int steps) {
  for (int i = 0; i < steps; ++i) (void)plan->Observe(plan->parts(), batch_seconds / plan->parts());
}

TEST(PiecePlanTest, PiecesAreHalvedUntilTheyFit) {
  PiecePlan plan(kLimit, 64);
  EXPECT_EQ(plan.parts(), 1);
  EXPECT_FALSE(plan.Observe(1, 0.3)) << "a single slow step";
  EXPECT_TRUE(plan.Observe(1, 0.3));
  EXPECT_EQ(plan.parts(), 2);
  Simulate(&plan, 0.3, 100);
  EXPECT_EQ(plan.parts(), 8);
}

TEST(PiecePlanTest, ASlowStepNowAndThenChangesNothing) {
  PiecePlan plan(kLimit, 64);
  for (int i = 0; i < 100; ++i) EXPECT_FALSE(plan.Observe(1, i % 2 == 0 ? 1.0 : 0.04));
}

TEST(PiecePlanTest, PiecesGrowAgainAfterACalmWhileNeverBeyondTheBatch) {
  PiecePlan plan(kLimit, 64);
  Simulate(&plan, 0.3, 10);
  ASSERT_EQ(plan.parts(), 8);
  Simulate(&plan, 0.03, PiecePlan::kCalm - 1);
  EXPECT_EQ(plan.parts(), 8);
  Simulate(&plan, 0.03, 1);
  EXPECT_EQ(plan.parts(), 4);
  Simulate(&plan, 0.045, 1000);
  EXPECT_EQ(plan.parts(), 2) << "a half takes more than what is called calm";
  Simulate(&plan, 0.001, 1000);
  EXPECT_EQ(plan.parts(), 1);
}

TEST(PiecePlanTest, ThereIsAMostAndItIsLeftAgain) {
  PiecePlan plan(kLimit, 16);
  Simulate(&plan, 1000.0, 1000);
  EXPECT_EQ(plan.parts(), 16);
  Simulate(&plan, 0.001, 1000);
  EXPECT_EQ(plan.parts(), 1);
}

TEST(PiecePlanTest, PiecesForLackOfMemoryCount) {
  PiecePlan plan(kLimit, 64);
  for (int i = 0; i < PiecePlan::kOver; ++i) (void)plan.Observe(8, 0.1);
  EXPECT_EQ(plan.parts(), 16) << "twice those that took too long";
  for (int i = 0; i < PiecePlan::kCalm; ++i) (void)plan.Observe(32, 0.001);
  EXPECT_EQ(plan.parts(), 16) << "calm takes nothing away that memory asks for, and adds nothing";
}

// Whatever a batch costs, with a jitter of a tenth: settled soon, within the limit, and still.
TEST(PiecePlanTest, SettlesWithoutSwinging) {
  std::mt19937 random(3);
  std::uniform_real_distribution<double> exponent(-4.0, 0.0), jitter(0.9, 1.1);
  for (int run = 0; run < 200; ++run) {
    PiecePlan plan(kLimit, 64);
    const double seconds = std::pow(10.0, exponent(random));
    int changes = 0;
    for (int step = 0; step < 2000; ++step) {
      const double longest = seconds * jitter(random) / plan.parts();
      const bool changed = plan.Observe(plan.parts(), longest);
      if (step <= 500) continue;
      EXPECT_LE(longest, 1.3 * kLimit) << seconds;
      changes += changed ? 1 : 0;
    }
    EXPECT_LE(changes, 1) << seconds;
  }
}

TEST(PiecePlanTest, GoesOnFromItsText) {
  PiecePlan plan(kLimit, 64);
  Simulate(&plan, 0.3, 9);
  Simulate(&plan, 0.03, 7);
  PiecePlan other(kLimit, 64);
  other.Restore(plan.ToText());
  EXPECT_EQ(other.ToText(), plan.ToText());
  for (int i = 0; i < 100; ++i) {
    const double seconds = 0.001 * (i * 37 % 90);
    EXPECT_EQ(plan.Observe(plan.parts(), seconds), other.Observe(other.parts(), seconds)) << i;
    EXPECT_EQ(plan.parts(), other.parts());
  }
}

TEST(PiecePlanTest, TextsThatAreNoPlanChangeNothing) {
  PiecePlan plan(kLimit, 64);
  Simulate(&plan, 0.3, 10);
  const std::string before = plan.ToText();
  for (const char* text : {"", "x", "4", "4 1", "4 1 2 3", "0 0 0", "-1 0 0", "65 0 0", "4 9 0", "4 0 99",
                           "4 0 0x", "99999999999999999999 0 0", "4.5 0 0"}) {
    plan.Restore(text);
    EXPECT_EQ(plan.ToText(), before) << text;
  }
}

// A gate that is always open and takes a while.
class SlowGate : public StepGate {
 public:
  explicit SlowGate(LoopClock clock) : clock_(std::move(clock)) {}
  Status BeforeStep(const std::function<Status()>&) override { return OkStatus(); }
  void BeforePiece() override { clock_.sleep(LoopClock::Seconds(7.0)); }

 private:
  const LoopClock clock_;
};

class PieceLoopTest : public LoopTest {
 protected:
  static constexpr double kPerSample = 0.01;  // seconds

  // Pieces take time by their size.
  void Slow(LineStage* stage) {
    stage->on_piece = [this](int64_t size) {
      sizes_.push_back(size);
      Options().clock.sleep(LoopClock::Seconds(kPerSample * static_cast<double>(size)));
    };
  }
  LoopOptions Limited(const std::string& folder) {
    LoopOptions options = Options();
    options.folder = folder_ / folder;
    options.gate = &gate_;
    options.max_piece_seconds = kLimit;
    return options;
  }

  SlowGate gate_{Options().clock};
  std::vector<int64_t> sizes_;  // of all pieces
};

TEST_F(PieceLoopTest, MicroStepsFitTheLimitAndWaitingIsNotComputing) {
  LineStage stage(30);
  Slow(&stage);
  ASSERT_TRUE(RunStage(&stage, Limited("line"), log_.get()).ok());
  EXPECT_EQ(sizes_.front(), 8);
  EXPECT_EQ(sizes_.back(), 4) << "4 samples take 40 ms, less than the limit of 50";
  const auto events = Events("pieces");
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0]["step"], PiecePlan::kOver - 1);
  EXPECT_EQ(events[0]["parts"], 2);
  EXPECT_NEAR(events[0]["longest_seconds"].get<double>(), 0.08, 1e-6);
  // What is learned is what the whole batch teaches.
  LineStage whole(30);
  LoopOptions options = Options();
  options.folder = folder_ / "whole";
  ASSERT_TRUE(RunStage(&whole, options, log_.get()).ok());
  ASSERT_EQ(whole.losses.size(), stage.losses.size());
  for (size_t i = 0; i < whole.losses.size(); ++i) {
    EXPECT_NEAR(stage.losses[i], whole.losses[i], 1e-4 * (1 + whole.losses[i])) << i;
  }
}

TEST_F(PieceLoopTest, ThePlanOfTheCheckpointGoesOnBitForBit) {
  LineStage whole(40);
  Slow(&whole);
  ASSERT_TRUE(RunStage(&whole, Limited("whole"), log_.get()).ok());
  const auto undisturbed = std::exchange(sizes_, {});
  std::vector<double> joined;
  // Stopped before, at and after the change of the plan.
  for (const int64_t end : {1, 2, 3, 17, 40}) {
    std::atomic<bool> stop{false};
    LineStage part(40, 12);
    Slow(&part);
    part.on_step = [&](int64_t step) { stop = step == end; };
    LoopOptions options = Limited("stopped");
    options.stop = &stop;
    if (joined.empty()) {
      LineStage initial(40);
      ASSERT_TRUE(part.LoadState(*initial.State()).ok());
    }
    const Status status = RunStage(&part, options, log_.get());
    EXPECT_TRUE(status.ok() || absl::IsCancelled(status)) << status;
    joined.insert(joined.end(), part.losses.begin(), part.losses.end());
  }
  EXPECT_EQ(joined, whole.losses);
  EXPECT_EQ(sizes_, undisturbed);
}

TEST_F(PieceLoopTest, WithoutALimitThePlanStaysWhatItWas) {
  LineStage limited(10);
  Slow(&limited);
  ASSERT_TRUE(RunStage(&limited, Limited("line"), log_.get()).ok());
  sizes_.clear();
  LineStage free(30);
  Slow(&free);
  ASSERT_TRUE(RunStage(&free, Options(), log_.get()).ok());
  EXPECT_EQ(sizes_, std::vector<int64_t>(2 * 20, 4));
  sizes_.clear();
  LineStage never(5);
  Slow(&never);
  LoopOptions options = Options();
  options.folder = folder_ / "never";
  ASSERT_TRUE(RunStage(&never, options, log_.get()).ok());
  EXPECT_EQ(sizes_, std::vector<int64_t>(5, 8));
  std::vector<std::string> messages;
  const auto saved = CheckpointFolder(folder_ / "never", 1).LoadLatest(&messages);
  ASSERT_TRUE(saved.ok() && saved->has_value());
  EXPECT_EQ((*saved)->piece_plan, "");
}

}  // namespace
}  // namespace m2tts
