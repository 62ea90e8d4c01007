// m2tts train logs against a server that has one job.
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>
#include <gtest/gtest.h>

#include "client/json.h"
#include "m2tts/v1/training.grpc.pb.h"
#include "tests/client/cli_runner.h"

namespace m2tts {
namespace {

using testing::RunM2tts;

// A job that has begun, said two lines and ended.
class OneJob : public v1::Training::Service {
 public:
  OneJob() {
    Add()->mutable_transition()->set_to(v1::JOB_STATE_RUNNING);
    Add()->set_log_line("first");
    Add()->mutable_progress()->set_step(1);
    Add()->set_log_line("second");
    Add()->mutable_transition()->set_to(v1::JOB_STATE_SUCCEEDED);
    int port = 0;
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
    builder.RegisterService(this);
    server_ = builder.BuildAndStart();
    address_ = "127.0.0.1:" + std::to_string(port);
  }
  ~OneJob() override { server_->Shutdown(); }

  grpc::Status GetJob(grpc::ServerContext*, const v1::GetJobRequest*, v1::Job* job) override {
    job->set_id("a");
    job->set_state(v1::JOB_STATE_SUCCEEDED);
    job->set_last_sequence(static_cast<int64_t>(events_.size()));
    return grpc::Status::OK;
  }
  grpc::Status WatchJob(grpc::ServerContext*, const v1::WatchJobRequest*,
                        grpc::ServerWriter<v1::JobEvent>* writer) override {
    for (const v1::JobEvent& event : events_) writer->Write(event);
    return grpc::Status::OK;
  }

  testing::CliResult Logs(const std::vector<std::string>& flags) const {
    std::vector<std::string> arguments = {"--address", address_, "train", "logs", "a"};
    arguments.insert(arguments.end(), flags.begin(), flags.end());
    return RunM2tts(arguments);
  }

 private:
  v1::JobEvent* Add() {
    events_.emplace_back();
    events_.back().set_sequence(static_cast<int64_t>(events_.size()));
    return &events_.back();
  }

  std::vector<v1::JobEvent> events_;
  std::string address_;
  std::unique_ptr<grpc::Server> server_;
};

TEST(TrainLogsTest, PrintsTheLinesAndNothingElse) {
  const OneJob job;
  for (const auto& flags : {std::vector<std::string>{}, {"--follow"}}) {
    const auto result = job.Logs(flags);
    EXPECT_EQ(result.code, kExitOk) << result.err;
    EXPECT_EQ(result.out, "first\nsecond\n");
  }
}

TEST(TrainLogsTest, AsJsonToo) {
  const OneJob job;
  for (const auto& flags : {std::vector<std::string>{"--json"}, {"--json", "--follow"}}) {
    const auto result = job.Logs(flags);
    EXPECT_EQ(result.code, kExitOk) << result.err;
    std::istringstream lines(result.out);
    std::vector<std::string> texts;
    for (std::string line; std::getline(lines, line);)
      texts.push_back(Json::parse(line).value("log_line", ""));
    EXPECT_EQ(texts, (std::vector<std::string>{"first", "second"})) << result.out;
  }
}

}  // namespace
}  // namespace m2tts
