// Random operations on board and store: whatever order they come in, no job reaches a state that the table
// does not allow, nothing is half done, and the file holds what the board says.
#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>

#include "server/jobs/job_board.h"
#include "server/jobs/job_state.h"
#include "tests/core/base/temp_folder.h"

namespace m2tts {
namespace {

using google::protobuf::util::MessageDifferencer;

bool Same(const JobRecord& a, const JobRecord& b) {
  return a.number == b.number && a.pause_requested == b.pause_requested &&
         a.cancel_requested == b.cancel_requested && a.not_before == b.not_before &&
         a.failures == b.failures && a.min_parts == b.min_parts && a.phase == b.phase &&
         MessageDifferencer::Equals(a.job, b.job);
}

class JobPropertiesTest : public testing::TestWithParam<unsigned> {
 protected:
  static constexpr int kIds = 6;

  void SetUp() override {
    random_.seed(GetParam());
    Open();
  }
  void Open() {
    auto store = JobStore::Open(folder_.path() / "jobs.sqlite");
    ASSERT_TRUE(store.ok()) << store.status();
    auto board = JobBoard::Open(*std::move(store), [this] { return now_; });
    ASSERT_TRUE(board.ok()) << board.status();
    board_ = *std::move(board);
  }
  int Below(int count) { return std::uniform_int_distribution<int>(0, count - 1)(random_); }
  std::string AnyId() { return "job" + std::to_string(Below(kIds)); }
  v1::JobState AnyState() { return static_cast<v1::JobState>(Below(v1::JobState_ARRAYSIZE)); }

  std::map<std::string, JobRecord> All() {
    std::map<std::string, JobRecord> all;
    const auto records = board_->List({}, 0, 1000);
    EXPECT_TRUE(records.ok()) << records.status();
    for (const JobRecord& record : *records) all[record.job.id()] = record;
    return all;
  }

  // One random operation; tells what it was, and whether it worked.
  Status Operate(const std::string& id, std::string* what) {
    switch (Below(10)) {
      case 0: {
        *what = "submit";
        v1::JobSpec spec;
        spec.set_config_yaml(Below(4) == 0 ? "other" : "usual");
        spec.set_after(Below(4) == 0 ? AnyId() : "");
        return board_->Submit(id, spec, Below(201) - 100, {{"label", std::to_string(Below(3))}}).status();
      }
      case 1:
        *what = "pause";
        return board_->Pause(id).status();
      case 2:
        *what = "resume";
        return board_->Resume(id).status();
      case 3:
        *what = "cancel";
        return board_->Cancel(id).status();
      case 4:
        *what = "delete";
        return board_->Delete(id);
      case 5: {
        *what = "progress";
        v1::JobProgress progress;
        progress.set_step(Below(1000));
        (*progress.mutable_metrics())["loss"] = 0.5;
        return board_->Progress(id, progress);
      }
      case 6:
        *what = "log";
        return board_->Log(id, "a line \xff\n");
      case 7:
        *what = "edit";
        return board_->Edit(id, [this](JobRecord* record) {
          record->failures = Below(5);
          record->min_parts = 1 << Below(7);
          record->not_before = now_ + Below(100);
          record->phase = Below(2) == 0 ? "train" : "";
          record->job.set_published_voice(Below(2) == 0 ? "v" : "");
        });
      default: {
        const v1::JobState to = AnyState();
        *what = "to " + JobStateName(to);
        return board_->Transition(id, to, "for a reason", v1::PAUSE_REASON_LOAD,
                                  [this](JobRecord* record) { record->failures = Below(5); });
      }
    }
  }

  // What holds of every job at any time.
  void Check(const JobRecord& record) {
    const v1::Job& job = record.job;
    SCOPED_TRACE(job.id() + " is " + JobStateName(job.state()));
    const bool ended = JobStateMachine::IsTerminal(job.state());
    EXPECT_EQ(job.has_end_time(), ended);
    EXPECT_EQ(job.pause_reason() != v1::PAUSE_REASON_UNSPECIFIED, job.state() == v1::JOB_STATE_PAUSED);
    EXPECT_TRUE(job.has_create_time());

    const auto history = board_->store().History(record.number);
    ASSERT_TRUE(history.ok()) << history.status();
    v1::JobState at = v1::JOB_STATE_UNSPECIFIED;
    for (const v1::JobTransition& transition : *history) {
      EXPECT_EQ(transition.from(), at);
      EXPECT_TRUE(JobStateMachine::Allows(transition.from(), transition.to()))
          << JobStateName(transition.from()) << " to " << JobStateName(transition.to());
      at = transition.to();
    }
    EXPECT_EQ(at, job.state());

    const auto events = board_->Events(job.id(), 1, 1'000'000);
    ASSERT_TRUE(events.ok()) << events.status();
    ASSERT_EQ(static_cast<int64_t>(events->size()), job.last_sequence());
    size_t transitions = 0;
    for (size_t i = 0; i < events->size(); ++i) {
      EXPECT_EQ((*events)[i].sequence(), static_cast<int64_t>(i + 1));
      if (!(*events)[i].has_transition()) continue;
      ASSERT_LT(transitions, history->size());
      EXPECT_TRUE(MessageDifferencer::Equals((*events)[i].transition(), (*history)[transitions++]));
    }
    EXPECT_EQ(transitions, history->size());
  }
  // The board's memory and the file agree on who has not ended.
  void CheckActive(const std::map<std::string, JobRecord>& all) {
    std::set<std::string> expected, active;
    int64_t last = 0;
    for (const auto& [id, record] : all) {
      if (!JobStateMachine::IsTerminal(record.job.state())) expected.insert(id);
    }
    for (const JobRecord& record : board_->Active()) {
      active.insert(record.job.id());
      EXPECT_GT(record.number, last) << "by submission";
      last = record.number;
      const auto stored = all.find(record.job.id());
      ASSERT_NE(stored, all.end());
      EXPECT_TRUE(Same(record, stored->second)) << record.job.id();
    }
    EXPECT_EQ(active, expected);
    const auto counts = board_->store().Counts();
    ASSERT_TRUE(counts.ok()) << counts.status();
    std::map<v1::JobState, int64_t> tally;
    for (const auto& [id, record] : all) ++tally[record.job.state()];
    EXPECT_EQ(*counts, tally);
  }
  // A restart of the daemon: the same jobs, but those that ran wait for their turn.
  void CheckReopening() {
    const auto before = All();
    board_.reset();
    Open();
    const auto after = All();
    ASSERT_EQ(after.size(), before.size());
    for (const auto& [id, old] : before) {
      const auto found = after.find(id);
      ASSERT_NE(found, after.end()) << id;
      if (old.job.state() != v1::JOB_STATE_RUNNING) {
        EXPECT_TRUE(Same(old, found->second)) << id;
        continue;
      }
      JobRecord expected = old;
      expected.job.set_state(v1::JOB_STATE_QUEUED);
      expected.job.set_message("the daemon was restarted");
      expected.job.set_last_sequence(old.job.last_sequence() + 1);
      EXPECT_TRUE(Same(expected, found->second)) << id;
    }
  }

  TempFolder folder_;
  double now_ = 1000.0;
  std::mt19937 random_;
  std::unique_ptr<JobBoard> board_;
};

TEST_P(JobPropertiesTest, NoSequenceOfOperationsReachesAnIllegalState) {
  for (int i = 0; i < 200 && !HasFailure(); ++i) {
    now_ += Below(10);
    const auto before = All();
    const std::string id = AnyId();
    std::string what;
    const Status status = Operate(id, &what);
    SCOPED_TRACE("operation " + std::to_string(i) + ": " + what + " " + id);
    const auto after = All();
    for (const auto& [other, record] : before) {
      // What did not work has changed nothing, and nothing changes another job.
      if (status.ok() && other == id) continue;
      const auto found = after.find(other);
      ASSERT_NE(found, after.end()) << other;
      EXPECT_TRUE(Same(record, found->second)) << other << ": " << status;
    }
    if (!status.ok()) {
      EXPECT_EQ(after.size(), before.size());
      EXPECT_TRUE(status.code() == StatusCode::kNotFound ||
                  status.code() == StatusCode::kFailedPrecondition ||
                  status.code() == StatusCode::kAlreadyExists)
          << status;
      EXPECT_EQ(status.code() == StatusCode::kNotFound, before.count(id) == 0) << status;
    }
    if (const auto changed = after.find(id); changed != after.end()) Check(changed->second);
    CheckActive(after);
    if (Below(25) == 0) CheckReopening();
  }
  for (const auto& [id, record] : All()) Check(record);
}

INSTANTIATE_TEST_SUITE_P(Seeds, JobPropertiesTest, testing::Range(0u, 6u));

// A job that was deleted and submitted again is a new one, with a number and a history of its own.
TEST(JobPropertyTest, AnIdThatIsUsedAgainStartsAnew) {
  const TempFolder folder;
  auto store = JobStore::Open(folder.path() / "jobs.sqlite");
  ASSERT_TRUE(store.ok()) << store.status();
  auto board = JobBoard::Open(*std::move(store), [] { return 1.0; });
  ASSERT_TRUE(board.ok()) << board.status();
  v1::JobSpec spec;
  ASSERT_TRUE((*board)->Submit("a", spec, 0, {}).ok());
  ASSERT_TRUE((*board)->Cancel("a").ok());
  const int64_t number = (*board)->Record("a")->number;
  ASSERT_TRUE((*board)->Delete("a").ok());
  spec.set_config_yaml("another");
  ASSERT_TRUE((*board)->Submit("a", spec, 0, {}).ok());
  const auto record = (*board)->Record("a");
  ASSERT_TRUE(record.ok()) << record.status();
  EXPECT_GT(record->number, number);
  EXPECT_EQ(record->job.state(), v1::JOB_STATE_QUEUED);
  EXPECT_FALSE(record->cancel_requested);
  EXPECT_EQ(record->job.last_sequence(), 1);
  EXPECT_EQ((*board)->Get("a")->history_size(), 1);
}

}  // namespace
}  // namespace m2tts
