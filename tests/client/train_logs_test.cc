// m2tts train logs against a server that has one job.
#include <gtest/gtest.h>

#include "client/json.h"
#include "tests/client/cli_runner.h"
#include "tests/client/fake_training.h"

namespace m2tts {
namespace {

using testing::RunM2tts;

// A job that has begun, said two lines and ended.
class OneJob : public testing::FakeTraining {
 public:
  OneJob() {
    Add()->mutable_transition()->set_to(v1::JOB_STATE_RUNNING);
    Add()->set_log_line("first");
    Add()->mutable_progress()->set_step(1);
    Add()->set_log_line("second");
    Add()->mutable_transition()->set_to(v1::JOB_STATE_SUCCEEDED);
  }

  testing::CliResult Logs(const std::vector<std::string>& flags) const {
    std::vector<std::string> arguments = {"--address", address(), "train", "logs", "a"};
    arguments.insert(arguments.end(), flags.begin(), flags.end());
    return RunM2tts(arguments);
  }
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
