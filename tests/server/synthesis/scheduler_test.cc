#include "server/synthesis/scheduler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace m2tts {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using namespace std::chrono_literals;

struct PuppetJob : Schedulable {
  PuppetJob(std::string job_name, std::string job_client)
      : name(std::move(job_name)), owner(std::move(job_client)) {}
  Turn turn() const override { return state; }
  Priority priority() const override { return urgency; }
  const std::string& client() const override { return owner; }
  double weight() const override { return share; }
  std::optional<TimePoint> deadline() const override { return due; }
  BatchKey batch_key() const override { return key; }

  std::string name;
  std::string owner;
  double share = 1.0;
  Turn state = Turn::kFirst;
  Priority urgency = Priority::kNormal;
  std::optional<TimePoint> due;
  BatchKey key;
};

class SchedulerTest : public testing::Test {
 protected:
  explicit SchedulerTest(const SchedulerOptions& options = Options()) : scheduler_(options) {}

  static SchedulerOptions Options() {
    SchedulerOptions options;
    options.max_batch = 1;
    return options;
  }

  std::shared_ptr<PuppetJob> Add(const std::string& name, const std::string& client = "client") {
    auto job = std::make_shared<PuppetJob>(name, client);
    scheduler_.Add(job, now_);
    return job;
  }

  std::vector<std::string> Next() {
    batch_ = scheduler_.Next(now_);
    std::vector<std::string> names;
    for (const auto& job : batch_.jobs) names.push_back(std::static_pointer_cast<PuppetJob>(job)->name);
    return names;
  }

  void Return(double audio_seconds = 1.0, bool finished = false) {
    for (const auto& job : batch_.jobs) {
      std::static_pointer_cast<PuppetJob>(job)->state = Schedulable::Turn::kLater;
      scheduler_.Return(job, audio_seconds, finished, now_);
    }
  }

  // The next `count` batches, each given back with a second of audio.
  std::string Serve(int count) {
    std::string order;
    for (int i = 0; i < count; ++i) {
      for (const std::string& name : Next()) order += name;
      Return();
    }
    return order;
  }

  TimePoint now_{1h};
  Scheduler scheduler_;
  Scheduler::Batch batch_;
};

TEST_F(SchedulerTest, NothingToDoIsAnEmptyBatch) {
  EXPECT_THAT(Next(), IsEmpty());
  Add("a")->state = Schedulable::Turn::kWait;
  EXPECT_THAT(Next(), IsEmpty());
  EXPECT_FALSE(batch_.hold_until.has_value());
}

TEST_F(SchedulerTest, ClassGoesBeforeEverythingElse) {
  Add("b")->urgency = Priority::kBulk;
  Add("n");
  const auto interactive = Add("i");
  interactive->urgency = Priority::kInteractive;
  interactive->state = Schedulable::Turn::kLater;
  EXPECT_EQ(Serve(2), "ii");
}

TEST_F(SchedulerTest, FirstAudioGoesBeforeLater) {
  Add("a")->state = Schedulable::Turn::kLater;
  Add("b");
  EXPECT_EQ(Serve(3), "bab");
}

TEST_F(SchedulerTest, EarlierDeadlineGoesFirst) {
  Add("a");
  Add("b")->due = now_ + 2s;
  Add("c")->due = now_ + 1s;
  EXPECT_EQ(Serve(3), "cba");
  EXPECT_EQ(scheduler_.earliest_deadline(), now_ + 1s);
}

TEST_F(SchedulerTest, ClientsShareByAudioNotByRequests) {
  for (int i = 0; i < 9; ++i) Add("a", "greedy")->state = Schedulable::Turn::kLater;
  Add("b", "modest")->state = Schedulable::Turn::kLater;
  EXPECT_EQ(Serve(8), "abababab");
}

TEST_F(SchedulerTest, AClientOfTwiceTheWeightGetsTwiceTheAudio) {
  const auto heavy = Add("a", "heavy");
  heavy->share = 2.0;
  heavy->state = Add("b", "light")->state = Schedulable::Turn::kLater;
  const std::string order = Serve(30);
  EXPECT_EQ(std::count(order.begin(), order.end(), 'a'), 20) << order;
}

TEST_F(SchedulerTest, AClientThatWasAwayHasNoCredit) {
  Add("a", "old")->state = Schedulable::Turn::kLater;
  Serve(100);
  Add("b", "new")->state = Schedulable::Turn::kLater;
  const std::string order = Serve(6);
  EXPECT_EQ(std::count(order.begin(), order.end(), 'a'), 3) << order;
}

TEST_F(SchedulerTest, JobsOfOneClientTakeTurns) {
  for (const char* name : {"a", "b", "c"}) Add(name);
  EXPECT_EQ(Serve(6), "abcabc");
}

TEST_F(SchedulerTest, BulkIsSlowAndNeverStuck) {
  Add("b", "bulk")->urgency = Priority::kBulk;
  int bulk = 0;
  for (int i = 0; i < 1000; ++i) {
    Add("i")->urgency = Priority::kInteractive;  // one after another, and all first audio
    const bool is_bulk = Next().front() == "b";
    bulk += is_bulk ? 1 : 0;
    Return(1.0, !is_bulk);
    now_ += 50ms;  // 50 s in all
  }
  EXPECT_GE(bulk, 5) << "a window in 8 s or so";
  EXPECT_LE(bulk, 20);
}

// Deadlines do not hold up for ever what has none.
TEST_F(SchedulerTest, BulkIsNotStuckBehindDeadlines) {
  Add("b")->urgency = Priority::kBulk;
  int bulk = 0;
  for (int i = 0; i < 1000; ++i) {
    const auto interactive = Add("i");
    interactive->urgency = Priority::kInteractive;
    interactive->due = now_ + 10s;
    const bool is_bulk = Next().front() == "b";
    bulk += is_bulk ? 1 : 0;
    Return(1.0, !is_bulk);
    now_ += 50ms;  // 50 s in all
  }
  EXPECT_GE(bulk, 5) << "a window in 8 s or so";
  EXPECT_LE(bulk, 20);
}

class SchedulerClassesTest : public SchedulerTest {
 protected:
  // `count` jobs, each with audio already.
  void AddReaders(int count, const std::string& name, const std::string& client, Priority urgency) {
    for (int i = 0; i < count; ++i) {
      const auto job = Add(name, client);
      job->urgency = urgency;
      job->state = Schedulable::Turn::kLater;
    }
  }
  // The same as Serve, each batch in 20 ms.
  std::string ServeInTime(int count) {
    std::string order;
    for (int i = 0; i < count; ++i) {
      order += Serve(1);
      now_ += 20ms;
    }
    return order;
  }
};

TEST_F(SchedulerClassesTest, ABookThatWaitsTakesNoPrivilegesFromOthers) {
  AddReaders(3, "b", "books", Priority::kBulk);
  AddReaders(60, "a", "app", Priority::kInteractive);
  for (int i = 0; i < 100; ++i) {
    ServeInTime(7);  // the book waits for up to 4 s and ages, while the app gets far ahead
    const auto fresh = Add("n", "app");
    fresh->urgency = Priority::kInteractive;
    const auto due = Add("d", "app");
    due->urgency = Priority::kInteractive;
    due->due = now_ + 10s;
    ASSERT_EQ(ServeInTime(2), "dn") << "after " << 9 * i + 7 << " windows";
    fresh->state = due->state = Schedulable::Turn::kWait;
  }
}

TEST_F(SchedulerClassesTest, ABookIsReadAllTheSame) {
  AddReaders(1, "b", "books", Priority::kBulk);
  AddReaders(60, "a", "app", Priority::kInteractive);
  const std::string order = ServeInTime(2500);  // 50 s
  const auto bulk = std::count(order.begin(), order.end(), 'b');
  EXPECT_GE(bulk, 8) << "a window in 4 s, or in 6 s at most";
  EXPECT_LE(bulk, 13);
}

TEST_F(SchedulerClassesTest, ManyBooksTakeNoMoreThanOneShare) {
  AddReaders(200, "b", "books", Priority::kBulk);
  AddReaders(4, "a", "app", Priority::kInteractive);
  const std::string order = ServeInTime(1000);
  EXPECT_GE(std::count(order.begin(), order.end(), 'a'), 495) << "promoted, it is a client like the other";
}

TEST_F(SchedulerClassesTest, ANewBookIsNotBehindByWhatOthersGotInAnotherClass) {
  AddReaders(1, "o", "old", Priority::kBulk);
  AddReaders(1, "i", "app", Priority::kInteractive);
  ServeInTime(300);
  for (const auto& job : scheduler_.jobs()) {
    const auto puppet = std::static_pointer_cast<PuppetJob>(job);
    if (puppet->name == "i") puppet->state = Schedulable::Turn::kWait;
  }
  AddReaders(1, "n", "new", Priority::kBulk);
  const std::string order = ServeInTime(20);
  EXPECT_NEAR(std::count(order.begin(), order.end(), 'n'), 10, 1) << order;
}

TEST_F(SchedulerTest, CancelledGoesFirstAndAlone) {
  Add("a")->urgency = Priority::kInteractive;
  const auto cancelled = Add("b");
  cancelled->urgency = Priority::kBulk;
  cancelled->state = Schedulable::Turn::kStop;
  EXPECT_THAT(Next(), ElementsAre("b"));
}

TEST_F(SchedulerTest, AJobThatIsOutIsNotPickedAgain) {
  Add("a");
  EXPECT_THAT(Next(), ElementsAre("a"));
  EXPECT_THAT(scheduler_.Next(now_).jobs, IsEmpty());
  Return(1.0, true);
  EXPECT_EQ(scheduler_.size(), 0U);
}

TEST_F(SchedulerTest, TellsWhetherThereIsWorkForAnotherLane) {
  const auto a = Add("a");
  const auto b = Add("b");
  b->state = Schedulable::Turn::kReading;
  EXPECT_THAT(Next(), ElementsAre("a"));
  EXPECT_FALSE(batch_.more);
  Return();
  b->state = Schedulable::Turn::kFirst;
  EXPECT_THAT(Next(), ElementsAre("b"));
  EXPECT_TRUE(batch_.more);
}

TEST_F(SchedulerTest, ManyClientsThatComeAndGoAreForgotten) {
  // Memory is bounded although each has had more than its share: seen by the time that this takes.
  Add("stays", "stays")->state = Schedulable::Turn::kWait;
  for (int i = 0; i < 20'000; ++i) {
    Add("x", std::to_string(i));
    ASSERT_THAT(Next(), ElementsAre("x"));
    Return(1000.0, true);
  }
  EXPECT_EQ(scheduler_.size(), 1U);
}

class BatchTest : public SchedulerTest {
 protected:
  BatchTest() : SchedulerTest(BatchOptions()) {}

  static SchedulerOptions BatchOptions() {
    SchedulerOptions options;
    options.max_batch = 3;
    options.max_batch_frames = 400;
    options.close_delay = 1ms;
    return options;
  }
};

TEST_F(BatchTest, ClosesOnSize) {
  for (const char* name : {"a", "b", "c", "d"}) Add(name);
  EXPECT_THAT(Next(), ElementsAre("a", "b", "c"));
}

TEST_F(BatchTest, ClosesOnPaddedFrames) {
  for (const char* name : {"a", "b", "c"}) Add(name)->key.size_class = 192;
  EXPECT_THAT(Next(), ElementsAre("a", "b"));
  Return();
  EXPECT_THAT(Next(), ElementsAre("c", "a")) << "what did not fit is first in line";
}

TEST_F(BatchTest, OneWindowAlwaysFits) {
  Add("a")->key.size_class = 1000;
  EXPECT_THAT(Next(), ElementsAre("a"));
}

TEST_F(BatchTest, OnlyTheSameVoiceAndSizeShare) {
  int voice = 0;
  Add("a")->key = {&voice, 24};
  Add("b")->key = {&voice, 48};
  Add("c")->key = {nullptr, 24};
  Add("d")->key = {&voice, 24};
  EXPECT_THAT(Next(), ElementsAre("a", "d"));
}

TEST_F(BatchTest, NegativeSizeClassIsAlone) {
  Add("a")->key.size_class = -1;
  Add("b")->key.size_class = -1;
  EXPECT_THAT(Next(), ElementsAre("a"));
}

TEST_F(BatchTest, HoldsBackBrieflyForAJobThatStillReadsItsText) {
  Add("a");
  const auto reading = Add("b");
  reading->state = Schedulable::Turn::kReading;
  EXPECT_THAT(Next(), IsEmpty());
  EXPECT_EQ(batch_.hold_until, now_ + 1ms);
  reading->state = Schedulable::Turn::kFirst;
  EXPECT_THAT(Next(), ElementsAre("a", "b"));
  Return();
  Add("c")->state = Schedulable::Turn::kReading;
  now_ += 1ms;
  EXPECT_THAT(Next(), ElementsAre("a", "b")) << "the delay is over";
}

// A live answer without text may wait for minutes.
TEST_F(BatchTest, DoesNotHoldBackForAJobThatWaitsForOthers) {
  Add("a");
  Add("b")->state = Schedulable::Turn::kWait;
  EXPECT_THAT(Next(), ElementsAre("a"));
}

}  // namespace
}  // namespace m2tts
