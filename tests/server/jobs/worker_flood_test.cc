// Workers that talk without end, do not listen, or talk nonsense: the supervisor goes on with everything
// else.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

#include "tests/server/jobs/supervisor_fixture.h"

namespace m2tts {
namespace {

class WorkerFloodTest : public SupervisorTest {
 protected:
  // So many copies of a message for workers to say at once.
  void PrepareMany(const std::string& name, const worker::v1::WorkerMessage& message, int copies) {
    std::string bytes;
    for (int i = 0; i < copies; ++i) bytes += Framed(message.SerializeAsString());
    ASSERT_TRUE(WriteFileAtomic(folder_.path() / name, bytes).ok());
  }
  // What a training that is tried once says after it has failed.
  std::string MessageOfFailure() {
    v1::JobSpec spec = Training();
    spec.mutable_retry()->set_max_attempts(1);
    Submit("a", spec);
    const v1::Job job = WaitForEnd("a");
    EXPECT_EQ(job.state(), v1::JOB_STATE_FAILED);
    return job.message();
  }
  static worker::v1::WorkerMessage Line(const std::string& text) {
    worker::v1::WorkerMessage message;
    message.mutable_event()->set_text(text);
    return message;
  }
};

TEST_F(WorkerFloodTest, ACancelGetsThroughToAWorkerThatTalksWithoutEnd) {
  PrepareMany("lines", Line("la la la"), 1000);
  Act("trap '' TERM; [ $1 = train ] && while cat lines >&$lease; do :; done");
  config_.stop_seconds = 1.0;
  Close();
  Open();
  Start();
  Submit("a", Training());
  WaitFor("a", [](const v1::Job& job) { return job.last_sequence() > 500; });
  ASSERT_TRUE(board_->Cancel("a").ok());
  EXPECT_EQ(WaitForEnd("a").state(), v1::JOB_STATE_CANCELLED);
}

TEST_F(WorkerFloodTest, AWorkerThatAsksAndDoesNotListenIsKilled) {
  worker::v1::WorkerMessage ask;
  ask.mutable_lease_request()->set_number(1);
  ask.mutable_lease_request()->set_expected_seconds(0.01);
  PrepareMany("asks", ask, 100);
  Act("trap '' PIPE; [ $1 = train ] && while cat asks >&$lease 2>/dev/null; do :; done; sleep 600");
  Start();
  EXPECT_EQ(MessageOfFailure(), "crash: killed, since it does not read what it is told");
}

TEST_F(WorkerFloodTest, AWorkerThatTalksWithoutEndIsKilled) {
  PrepareMany("lines", Line("la la la"), 1000);
  Act("trap '' TERM; [ $1 = train ] && while cat lines >&$lease; do :; done; exec sleep 600");
  config_.heartbeat_seconds = 0.5;
  Close();
  Open();
  Start();
  EXPECT_EQ(MessageOfFailure(), "crash: killed, since it talks without end");
}

// What a worker has started may outlive it, with its socket.
TEST_F(WorkerFloodTest, AChildThatTalksOnDoesNotKeepTheJob) {
  PrepareMany("lines", Line("la la la"), 1000);
  Act("[ $1 = train ] && { while cat lines >&$lease 2>/dev/null; do :; done & }\n" + MakesVoice() + "exit 0");
  Start();
  Submit("a", Training());
  EXPECT_EQ(WaitForEnd("a").state(), v1::JOB_STATE_SUCCEEDED);
}

// The last step of a stage is told at once, and no way around the second between two of them.
TEST_F(WorkerFloodTest, EndsOfStagesAreKeptOnceAndNotForEver) {
  worker::v1::WorkerMessage message;
  message.mutable_progress()->set_step(7);
  message.mutable_progress()->set_total_steps(7);
  message.mutable_progress()->set_stage("acoustic");
  PrepareMany("same", message, 1000);
  std::string others;
  for (int i = 0; i < 1000; ++i) {
    message.mutable_progress()->set_stage(fmt::format("stage-{}", i));
    others += Framed(message.SerializeAsString());
  }
  ASSERT_TRUE(WriteFileAtomic(folder_.path() / "others", others).ok());
  Act("[ $1 = train ] && cat same others >&$lease\n" + MakesVoice() + "exit 0");
  Start();
  Submit("a", Training());
  EXPECT_EQ(WaitForEnd("a").state(), v1::JOB_STATE_SUCCEEDED);
  const auto events = *board_->Events("a", 1, 10000);
  const auto kept = std::count_if(events.begin(), events.end(), [](const v1::JobEvent& event) {
    return event.has_progress() && event.progress().step() == 7;
  });
  EXPECT_GE(kept, 64);
  EXPECT_LT(kept, 150) << "of 2000";
}

// Numbers that a program of ours would not send.
TEST_F(WorkerFloodTest, ProgressMayBeNonsense) {
  worker::v1::WorkerMessage nonsense;
  auto* const progress = nonsense.mutable_progress();
  progress->set_stage("\xf0\x9f\x98\x80\x1b[2J");
  progress->set_step(std::numeric_limits<int64_t>::min());
  progress->set_total_steps(std::numeric_limits<int64_t>::max());
  progress->set_seconds_per_step(std::numeric_limits<double>::infinity());
  progress->set_celsius(std::numeric_limits<double>::quiet_NaN());
  auto* const metric = progress->add_metrics();
  metric->set_name("loss");
  metric->set_value(-std::numeric_limits<double>::infinity());
  Prepare("nonsense", nonsense);
  Act("[ $1 = train ] && cat nonsense >&$lease\n" + MakesVoice() + "exit 0");
  Start();
  Submit("a", Training());
  const v1::Job job = WaitForEnd("a");
  EXPECT_EQ(job.state(), v1::JOB_STATE_SUCCEEDED) << job.message();
  EXPECT_EQ(job.progress().stage().find('\x1b'), std::string::npos);
}

}  // namespace
}  // namespace m2tts
