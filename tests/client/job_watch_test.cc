// Following a job to its end: through breaks of the connection, and to the exit code.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "client/json.h"
#include "client/training/follow_job.h"
#include "tests/client/cli_runner.h"
#include "tests/client/fake_training.h"

namespace m2tts {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

// A job that says three lines and ends as `end`: five events.
class WatchedJob : public testing::FakeTraining {
 public:
  explicit WatchedJob(v1::JobState end = v1::JOB_STATE_SUCCEEDED) {
    Add()->mutable_transition()->set_to(v1::JOB_STATE_RUNNING);
    for (const char* line : {"one", "two", "three"}) Add()->set_log_line(line);
    v1::JobEvent* const last = Add();
    last->mutable_transition()->set_to(end);
    last->mutable_transition()->set_reason("so it ends");
  }

  // Stream number n breaks before event breaks[n - 1]; later ones do not.
  void BreakBefore(std::vector<int64_t> breaks, grpc::StatusCode code = grpc::StatusCode::UNAVAILABLE) {
    before_event = [breaks = std::move(breaks), code](grpc::ServerContext*, int stream, int64_t sequence) {
      const auto index = static_cast<size_t>(stream - 1);
      const bool broken = index < breaks.size() && breaks[index] == sequence;
      return broken ? grpc::Status(code, "broken") : grpc::Status::OK;
    };
  }
};

struct Followed {
  ExitCode code;
  std::vector<int64_t> sequences;  // of the events that were shown
  std::string err;
};

// As `m2tts --json train watch` does, but quicker to come back.
Followed Follow(const testing::FakeTraining& job) {
  std::istringstream in;
  std::ostringstream out, err;
  CliContext context;
  context.io = {&in, &out, &err};
  context.client.address = job.address();
  TrainingClient client(context.client);
  FollowOptions options;
  options.json_lines = true;
  options.retry_every = std::chrono::milliseconds(1);
  Followed followed{FollowJob("a", options, &client, context), {}, err.str()};
  std::istringstream lines(out.str());
  for (std::string line; std::getline(lines, line);) {
    followed.sequences.push_back(Json::parse(line, nullptr, false).value("sequence", int64_t{-1}));
  }
  return followed;
}

testing::CliResult Watched(const testing::FakeTraining& job, const std::vector<std::string>& flags = {}) {
  std::vector<std::string> arguments = {"--address", job.address(), "train", "watch", "a"};
  arguments.insert(arguments.end(), flags.begin(), flags.end());
  return testing::RunM2tts(arguments);
}

TEST(JobWatchTest, EachEventOnce) {
  WatchedJob job;
  const Followed followed = Follow(job);
  EXPECT_EQ(followed.code, kExitOk) << followed.err;
  EXPECT_THAT(followed.sequences, ElementsAre(1, 2, 3, 4, 5));
  EXPECT_THAT(job.begins(), ElementsAre(1));
}

TEST(JobWatchTest, GoesOnWhereTheStreamBroke) {
  WatchedJob job;
  job.BreakBefore({3, 3, 5, 6});  // after two events, at once, after two more, before the end of the call
  const Followed followed = Follow(job);
  EXPECT_EQ(followed.code, kExitOk) << followed.err;
  EXPECT_THAT(followed.sequences, ElementsAre(1, 2, 3, 4, 5));
  EXPECT_THAT(job.begins(), ElementsAre(1, 3, 3, 5, 6));
}

TEST(JobWatchTest, ADaemonThatIsStoppedInTheMiddleIsWaitedForToo) {
  WatchedJob job;
  job.BreakBefore({4}, grpc::StatusCode::CANCELLED);
  const Followed followed = Follow(job);
  EXPECT_EQ(followed.code, kExitOk) << followed.err;
  EXPECT_THAT(followed.sequences, ElementsAre(1, 2, 3, 4, 5));
  EXPECT_THAT(followed.err, Not(HasSubstr("detached")));
}

TEST(JobWatchTest, OtherErrorsEndTheWatch) {
  WatchedJob job;
  job.BreakBefore({3}, grpc::StatusCode::NOT_FOUND);  // it was deleted meanwhile
  const Followed followed = Follow(job);
  EXPECT_EQ(followed.code, kExitRefused);
  EXPECT_THAT(followed.sequences, ElementsAre(1, 2));
  EXPECT_THAT(job.begins(), ElementsAre(1));
}

TEST(JobWatchTest, WhoNeverSawADaemonDoesNotWaitForIt) {
  WatchedJob job;
  job.BreakBefore({1});
  EXPECT_EQ(Follow(job).code, kExitUnavailable);
  EXPECT_THAT(job.begins(), ElementsAre(1));
}

TEST(JobWatchTest, TheExitCodeIsTheResultOfTheJob) {
  for (const auto& [end, code] :
       std::map<v1::JobState, ExitCode>{{v1::JOB_STATE_SUCCEEDED, kExitOk},
                                        {v1::JOB_STATE_FAILED, kExitJobFailed},
                                        {v1::JOB_STATE_CANCELLED, kExitJobCancelled}}) {
    const WatchedJob job(end);
    const auto result = Watched(job);
    EXPECT_EQ(result.code, code) << result.err;
    EXPECT_THAT(result.err, AllOf(HasSubstr("three"), HasSubstr("so it ends")));
    EXPECT_EQ(Watched(job, {"--json"}).code, code);
    // Nothing left to see: the job is asked how it ended.
    EXPECT_EQ(Watched(job, {"--from", "6"}).code, code);
  }
}

TEST(JobWatchTest, APersonIsToldThatTheDaemonIsAwayOnce) {
  WatchedJob job;
  job.BreakBefore({3, 3});
  const auto result = Watched(job);
  EXPECT_EQ(result.code, kExitOk);
  const size_t told = result.err.find("the daemon is away");
  ASSERT_NE(told, std::string::npos) << result.err;
  EXPECT_EQ(result.err.find("the daemon is away", told + 1), std::string::npos) << result.err;
}

}  // namespace
}  // namespace m2tts
