// m2tts train watch against a server that breaks off and comes back.
#include <gmock/gmock.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "client/json.h"
#include "core/base/mutex.h"
#include "m2tts/v1/training.grpc.pb.h"
#include "tests/client/cli_runner.h"

namespace m2tts {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::RunM2tts;

// A job with events; each call of WatchJob tells up to a point and then ends as told.
class BreakingServer : public v1::Training::Service {
 public:
  struct Call {
    int64_t until = 0;  // the last sequence that it tells
    grpc::Status end;
  };

  BreakingServer() {
    int port = 0;
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
    builder.RegisterService(this);
    server_ = builder.BuildAndStart();
    address_ = "127.0.0.1:" + std::to_string(port);
  }
  ~BreakingServer() override { server_->Shutdown(); }

  // Before the first call.
  v1::JobEvent* Add() {
    events_.emplace_back();
    events_.back().set_sequence(static_cast<int64_t>(events_.size()));
    return &events_.back();
  }
  void AddEnd(v1::JobState state) { Add()->mutable_transition()->set_to(state); }
  void WillTell(int64_t until, grpc::Status end) { calls_.push_back({until, std::move(end)}); }

  grpc::Status GetJob(grpc::ServerContext*, const v1::GetJobRequest*, v1::Job* job) override {
    job->set_id("a");
    job->set_state(events_.back().transition().to());
    return grpc::Status::OK;
  }
  grpc::Status WatchJob(grpc::ServerContext*, const v1::WatchJobRequest* request,
                        grpc::ServerWriter<v1::JobEvent>* writer) override {
    MutexLock lock(&mutex_);
    asked_.push_back(request->from_sequence());
    if (asked_.size() > calls_.size()) return {grpc::StatusCode::INTERNAL, "one call too many"};
    const Call& call = calls_[asked_.size() - 1];
    for (const v1::JobEvent& event : events_) {
      if (event.sequence() >= request->from_sequence() && event.sequence() <= call.until)
        writer->Write(event);
    }
    return call.end;
  }
  std::vector<int64_t> asked() {
    MutexLock lock(&mutex_);
    return asked_;
  }
  testing::CliResult Watch(const std::vector<std::string>& flags = {}) const {
    std::vector<std::string> arguments = {"--address", address_, "train", "watch", "a"};
    arguments.insert(arguments.end(), flags.begin(), flags.end());
    return RunM2tts(arguments);
  }

 private:
  std::vector<v1::JobEvent> events_;
  std::vector<Call> calls_;
  Mutex mutex_;
  std::vector<int64_t> asked_ ABSL_GUARDED_BY(mutex_);
  std::string address_;
  std::unique_ptr<grpc::Server> server_;
};

const grpc::Status kAway(grpc::StatusCode::UNAVAILABLE, "the daemon is stopping");

TEST(JobWatchTest, GoesOnWhereItWasWhenTheDaemonComesBack) {
  BreakingServer server;
  server.AddEnd(v1::JOB_STATE_RUNNING);
  server.Add()->set_log_line("first");
  server.Add()->set_log_line("second");
  server.AddEnd(v1::JOB_STATE_SUCCEEDED);
  server.WillTell(2, kAway);
  server.WillTell(4, grpc::Status::OK);
  const auto result = server.Watch({"--json"});
  EXPECT_EQ(result.code, kExitOk) << result.err;
  EXPECT_THAT(server.asked(), ElementsAre(1, 3));
  std::istringstream lines(result.out);
  std::vector<int64_t> sequences;
  for (std::string line; std::getline(lines, line);) {
    sequences.push_back(Json::parse(line)["sequence"].get<int64_t>());
  }
  EXPECT_THAT(sequences, ElementsAre(1, 2, 3, 4)) << "none twice, none lost";
}

TEST(JobWatchTest, PeopleAreToldThatTheDaemonIsAway) {
  BreakingServer server;
  server.AddEnd(v1::JOB_STATE_RUNNING);
  server.AddEnd(v1::JOB_STATE_SUCCEEDED);
  server.WillTell(1, kAway);
  server.WillTell(2, grpc::Status::OK);
  const auto result = server.Watch();
  EXPECT_EQ(result.code, kExitOk) << result.err;
  EXPECT_THAT(result.err, HasSubstr("the daemon is away; waiting for it (Ctrl-C detaches)"));
}

TEST(JobWatchTest, ADaemonThatWasNeverThereIsAnErrorAtOnce) {
  BreakingServer server;
  server.AddEnd(v1::JOB_STATE_RUNNING);
  server.WillTell(0, kAway);
  const auto result = server.Watch();
  EXPECT_EQ(result.code, kExitUnavailable) << result.err;
  EXPECT_EQ(server.asked().size(), 1u);
  EXPECT_THAT(result.err, Not(HasSubstr("waiting for it")));
}

TEST(JobWatchTest, AnotherErrorEndsIt) {
  BreakingServer server;
  server.AddEnd(v1::JOB_STATE_RUNNING);
  server.WillTell(1, {grpc::StatusCode::NOT_FOUND, "there is no job 'a'"});
  const auto result = server.Watch();
  EXPECT_NE(result.code, kExitOk);
  EXPECT_EQ(server.asked().size(), 1u);
  EXPECT_THAT(result.err, HasSubstr("there is no job 'a'"));
}

TEST(JobWatchTest, TheExitCodeIsTheResult) {
  const std::pair<v1::JobState, int> results[] = {{v1::JOB_STATE_SUCCEEDED, kExitOk},
                                                  {v1::JOB_STATE_FAILED, kExitJobFailed},
                                                  {v1::JOB_STATE_CANCELLED, kExitJobCancelled}};
  for (const auto& [state, code] : results) {
    BreakingServer server;
    server.AddEnd(state);
    server.WillTell(1, grpc::Status::OK);
    EXPECT_EQ(server.Watch().code, code) << v1::JobState_Name(state);
  }
}

// Asked to begin behind the last event, it gets none, and asks how the job ended.
TEST(JobWatchTest, NothingMoreToTellIsNoFailure) {
  BreakingServer server;
  server.AddEnd(v1::JOB_STATE_FAILED);
  server.WillTell(0, grpc::Status::OK);
  EXPECT_EQ(server.Watch().code, kExitJobFailed);
}

}  // namespace
}  // namespace m2tts
