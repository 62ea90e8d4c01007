// What follows when a worker fails: which failures are tried again, when, how often, and how.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/base/file_lock.h"
#include "tests/server/jobs/supervisor_fixture.h"

namespace m2tts {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

class JobRetryTest : public SupervisorTest {
 protected:
  static v1::JobSpec Tries(int attempts) {
    v1::JobSpec spec = Training();
    spec.mutable_retry()->set_max_attempts(attempts);
    return spec;
  }
  // The same without a wait between the attempts.
  static v1::JobSpec TriesAtOnce(int attempts) {
    v1::JobSpec spec = Tries(attempts);
    spec.mutable_retry()->mutable_backoff()->set_seconds(0);
    return spec;
  }
  void PrepareDone(StatusCode code, const std::string& message) {
    worker::v1::WorkerMessage done;
    done.mutable_done()->set_code(static_cast<int>(code));
    done.mutable_done()->set_message(message);
    Prepare("done", done);
  }
  void PrepareProgress(const std::string& name, int64_t step) {
    worker::v1::WorkerMessage progress;
    progress.mutable_progress()->set_stage("aligner");
    progress.mutable_progress()->set_step(step);
    progress.mutable_progress()->set_total_steps(100);
    Prepare(name, progress);
  }
};

TEST_F(JobRetryTest, ACrashIsTriedAgainAfterDelaysThatDoubleUntilTheAttemptsAreSpent) {
  Act("echo 'm2tts-trainer: it broke' >&2; exit 1");
  Start();
  Submit("a", Tries(4), 10);
  double delay = 10.0;
  for (int attempt = 2; attempt <= 4; ++attempt, delay *= 2.0) {
    const v1::Job waits = WaitForAttempt("a", attempt);
    EXPECT_EQ(waits.message(), fmt::format("crash: it broke; another attempt in {:.0f} s", delay));
    SetTime(now() + delay - 0.5);
    LetOthersRun();  // "a" has the higher priority, and would have been first
    EXPECT_EQ(Get("a").state(), v1::JOB_STATE_QUEUED);
    EXPECT_EQ(Calls().size(), static_cast<size_t>(attempt - 1));
    SetTime(now() + 0.5);
  }
  const v1::Job failed = WaitForEnd("a");
  EXPECT_EQ(failed.state(), v1::JOB_STATE_FAILED);
  EXPECT_EQ(failed.message(), "crash: it broke");
  EXPECT_EQ(failed.attempt(), 4);
  EXPECT_EQ(Calls().size(), 4u);
  EXPECT_EQ(Failures("crash"), 4.0);
}

TEST_F(JobRetryTest, OneAttemptIsOne) {
  Act("exit 1");
  Start();
  Submit("a", Tries(1));
  EXPECT_EQ(WaitForEnd("a").state(), v1::JOB_STATE_FAILED);
  EXPECT_EQ(Calls().size(), 1u);
}

TEST_F(JobRetryTest, AWrongConfigIsNotTriedAgain) {
  Act("echo 'm2tts-trainer: model.hidden: 7 is odd' >&2; exit 2");
  Start();
  Submit("a", Tries(100));
  const v1::Job failed = WaitForEnd("a");
  EXPECT_EQ(failed.state(), v1::JOB_STATE_FAILED);
  EXPECT_EQ(failed.message(), "config: model.hidden: 7 is odd");
  EXPECT_EQ(Calls().size(), 1u);
  EXPECT_EQ(Failures("config"), 1.0);
}

TEST_F(JobRetryTest, NorIsACorpusThatIsNotThere) {
  PrepareDone(StatusCode::kNotFound, "no clip is left");
  Act("cat done >&$lease; exit 1");
  Start();
  Submit("a", Tries(100));
  EXPECT_EQ(WaitForEnd("a").message(), "config: no clip is left");
  EXPECT_EQ(Calls().size(), 1u);
}

TEST_F(JobRetryTest, NorIsACommandWithoutLeaseThatSaysItself) {
  Act("echo 'm2tts-trainer: the voice is damaged' >&2; exit 1");
  Start();
  Submit("a", Compression());
  const v1::Job failed = WaitForEnd("a");
  EXPECT_EQ(failed.state(), v1::JOB_STATE_FAILED);
  EXPECT_EQ(failed.message(), "config: the voice is damaged");
  EXPECT_EQ(Calls().size(), 1u);
}

TEST_F(JobRetryTest, LackOfMemoryIsMetWithTwiceAsManyPieces) {
  PrepareDone(StatusCode::kResourceExhausted, "out of memory");
  Act("case \"$*\" in *'--min-parts 4'*|export*) exit 0;; esac\n"
      "cat done >&$lease; exit 1");
  Start();
  Submit("a", TriesAtOnce(100));
  EXPECT_EQ(WaitForEnd("a").state(), v1::JOB_STATE_SUCCEEDED);
  const auto calls = Calls();
  ASSERT_EQ(calls.size(), 4u);
  EXPECT_THAT(calls[0], HasSubstr("--min-parts 1"));
  EXPECT_THAT(calls[1], HasSubstr("--min-parts 2"));
  EXPECT_THAT(calls[2], HasSubstr("--min-parts 4"));
  EXPECT_THAT(calls[3], StartsWith("export "));
  EXPECT_EQ(Failures("memory"), 2.0);
}

TEST_F(JobRetryTest, AnAllocationThatEndsInAbortIsLackOfMemoryToo) {
  Act("case \"$*\" in *'--min-parts 2'*|export*) exit 0;; esac\n"
      "echo \"terminate called after throwing an instance of 'std::bad_alloc'\" >&2; kill -ABRT $$");
  Start();
  Submit("a", TriesAtOnce(2));
  EXPECT_EQ(WaitForEnd("a").state(), v1::JOB_STATE_SUCCEEDED);
  EXPECT_EQ(Failures("memory"), 1.0);
}

TEST_F(JobRetryTest, ThereIsAnEndToSmallerPieces) {
  PrepareDone(StatusCode::kResourceExhausted, "out of memory");
  Act("cat done >&$lease; exit 1");
  Submit("a", TriesAtOnce(3));
  ASSERT_TRUE(board_->Edit("a", [](JobRecord* record) { record->min_parts = 48; }).ok());
  Start();
  const v1::Job failed = WaitForEnd("a");
  EXPECT_EQ(failed.state(), v1::JOB_STATE_FAILED);
  EXPECT_EQ(failed.message(), "memory: out of memory");
  const auto calls = Calls();
  ASSERT_EQ(calls.size(), 3u);
  EXPECT_THAT(calls[0], HasSubstr("--min-parts 48"));
  EXPECT_THAT(calls[1], HasSubstr("--min-parts 64"));
  EXPECT_THAT(calls[2], HasSubstr("--min-parts 64"));
}

TEST_F(JobRetryTest, AFullDiskIsTriedAgain) {
  Act("echo 'm2tts-trainer: run/log.jsonl: cannot write: No space left on device' >&2; exit 1");
  Start();
  Submit("a", Tries(2));
  EXPECT_THAT(WaitForAttempt("a", 2).message(), StartsWith("disk: "));
}

TEST_F(JobRetryTest, AStepOfProgressForgivesTheFailuresBefore) {
  PrepareProgress("first", 1);
  PrepareProgress("second", 2);
  Act("cat first second >&$lease; exit 1");
  Start();
  Submit("a", TriesAtOnce(2));
  (void)WaitFor("a", [](const v1::Job& job) { return job.attempt() >= 5; });
  Act("exit 2");
  const v1::Job failed = WaitForEnd("a");
  EXPECT_THAT(failed.message(), StartsWith("config: "));
  EXPECT_EQ(failed.progress().step(), 2);
}

TEST_F(JobRetryTest, TheSameStepAgainIsNoProgress) {
  PrepareProgress("first", 1);
  Act("cat first first >&$lease; exit 1");
  Start();
  Submit("a", TriesAtOnce(2));
  EXPECT_EQ(WaitForEnd("a").state(), v1::JOB_STATE_FAILED);
  EXPECT_EQ(Calls().size(), 2u);
}

TEST_F(JobRetryTest, ASignalOfSomebodyElseIsNoFailureOfTheJob) {
  Act("[ \"$1\" = export ] && exit 0\n"
      "[ -e once ] && exit 0\n"
      ": > once; kill -TERM $$");
  Start();
  Submit("a", Tries(1), 10);
  const v1::Job waits = WaitFor("a", [](const v1::Job& job) {
    return job.state() == v1::JOB_STATE_QUEUED && job.message().rfind("interrupt: ", 0) == 0;
  });
  EXPECT_EQ(waits.attempt(), 1);
  LetOthersRun();
  EXPECT_EQ(Calls().size(), 1u) << "not at once";
  SetTime(now() + 5.0);
  EXPECT_EQ(WaitForEnd("a").state(), v1::JOB_STATE_SUCCEEDED);
  EXPECT_EQ(Get("a").attempt(), 1);
}

TEST_F(JobRetryTest, OnlyThePhaseThatFailedIsRepeated) {
  Act("[ \"$1\" = export ] || exit 0\n"
      "[ -e once ] && exit 0\n"
      ": > once; kill -SEGV $$");
  Start();
  Submit("a", TriesAtOnce(2));
  EXPECT_EQ(WaitForEnd("a").state(), v1::JOB_STATE_SUCCEEDED);
  const auto calls = Calls();
  ASSERT_EQ(calls.size(), 3u);
  EXPECT_THAT(calls[0], StartsWith("train "));
  EXPECT_THAT(calls[1], StartsWith("export "));
  EXPECT_THAT(calls[2], StartsWith("export "));
}

TEST_F(JobRetryTest, TheWaitOutlivesTheDaemon) {
  Act("exit 1");
  Start();
  Submit("a", Tries(2), 10);
  (void)WaitForAttempt("a", 2);
  Act("exit 0");
  Restart();
  SetTime(now() + 9.5);
  LetOthersRun();
  EXPECT_EQ(Calls().size(), 1u);
  SetTime(now() + 0.5);
  EXPECT_EQ(WaitForEnd("a").state(), v1::JOB_STATE_SUCCEEDED);
  EXPECT_EQ(Get("a").attempt(), 2);
}

TEST_F(JobRetryTest, FailuresAreCountedAcrossRestarts) {
  Act("exit 1");
  Start();
  Submit("a", Tries(2));
  (void)WaitForAttempt("a", 2);
  Restart();
  SetTime(now() + 10.0);
  EXPECT_EQ(WaitForEnd("a").state(), v1::JOB_STATE_FAILED);
  EXPECT_EQ(Calls().size(), 2u);
}

TEST_F(JobRetryTest, ResumeDoesNotWait) {
  Act("exit 1");
  Start();
  Submit("a", Tries(2));
  (void)WaitForAttempt("a", 2);
  Act("exit 0");
  ASSERT_TRUE(board_->Resume("a").ok());
  EXPECT_EQ(WaitForEnd("a").state(), v1::JOB_STATE_SUCCEEDED);
}

TEST_F(JobRetryTest, AJobThatWaitsForItsNextAttemptCanBeCancelled) {
  Act("exit 1");
  Start();
  Submit("a", Tries(2));
  (void)WaitForAttempt("a", 2);
  ASSERT_TRUE(board_->Cancel("a").ok());
  EXPECT_EQ(Get("a").state(), v1::JOB_STATE_CANCELLED);
  SetTime(now() + 10.0);
  LetOthersRun();
  EXPECT_EQ(Calls().size(), 1u);
}

TEST_F(JobRetryTest, AWorkerThatTalksNonsenseIsKilledAndTriedAgain) {
  ASSERT_TRUE(WriteFileAtomic(folder_.path() / "nonsense", std::string("\xff\xff\xff\x7f", 4)).ok());
  Act("cat nonsense >&$lease; exec sleep 1000");
  Start();
  Submit("a", Tries(2));
  EXPECT_THAT(WaitForAttempt("a", 2).message(),
              StartsWith("crash: killed, since it says what is no message"));
}

TEST_F(JobRetryTest, AWorkerOfAnEarlierDaemonIsWaitedForAndItIsSaidOnce) {
  std::filesystem::create_directories(environment_.run("a"));
  auto lock = FileLock::Acquire(environment_.run("a") / "lock");
  ASSERT_TRUE(lock.ok()) << lock.status();
  Start();
  Submit("a", Training(), 10);
  (void)WaitFor(
      "a", [](const v1::Job& job) { return job.message() == "waits: an earlier worker is still there"; });
  LetOthersRun();  // "a" would have been first, at each of them
  LetOthersRun();
  EXPECT_EQ(LogLines("a"), std::vector<std::string>{"waits: an earlier worker is still there"});
  lock = Internal("let go");
  EXPECT_EQ(WaitForEnd("a").state(), v1::JOB_STATE_SUCCEEDED);
}

TEST_F(JobRetryTest, WithoutATrainerAJobFailsAndSaysWhatToSet) {
  std::filesystem::remove(environment_.trainer);
  Start();
  Submit("a", Training());
  const v1::Job failed = WaitForEnd("a");
  EXPECT_EQ(failed.state(), v1::JOB_STATE_FAILED);
  EXPECT_THAT(failed.message(), HasSubstr("set jobs.trainer"));
}

TEST_F(JobRetryTest, ADataSetThatBecameAWayOutIsNotRead) {
  Submit("a", Training());
  std::filesystem::remove(folder_.path() / "data/corpus");
  std::filesystem::create_directory_symlink("/etc", folder_.path() / "data/corpus");
  Start();
  const v1::Job failed = WaitForEnd("a");
  EXPECT_EQ(failed.state(), v1::JOB_STATE_FAILED);
  EXPECT_THAT(failed.message(), HasSubstr("spec.dataset"));
  EXPECT_TRUE(Calls().empty());
}

}  // namespace
}  // namespace m2tts
