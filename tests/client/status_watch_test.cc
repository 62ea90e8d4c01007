// `m2tts status --watch`: what it writes where, and what it ends with.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <sstream>

#include "client/commands/status_text.h"
#include "client/json.h"
#include "tests/client/cli_runner.h"
#include "tests/client/fake_server.h"

namespace m2tts {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr char kClear[] = "\033[H\033[J";

// Answers differently from look to look; the first is number 1.
class ChangingServer : public testing::FakeServer {
 public:
  using Look = std::function<grpc::Status(int, v1::ServerStatus*)>;
  explicit ChangingServer(Look look) : look_(std::move(look)) {}
  grpc::Status GetStatus(grpc::ServerContext*, const v1::GetStatusRequest*,
                         v1::ServerStatus* response) override {
    return look_(++looks_, response);
  }

 private:
  const Look look_;
  std::atomic<int> looks_{0};
};

v1::ServerStatus Status1(v1::ServerState state, int requests) {
  v1::ServerStatus status;
  status.set_state(state);
  status.mutable_queue()->set_requests(requests);
  status.mutable_queue()->set_streams(10 * requests);
  return status;
}

// Serves, with as many requests as there were looks.
grpc::Status Serves(int look, v1::ServerStatus* status) {
  *status = Status1(v1::SERVER_STATE_SERVING, look);
  return grpc::Status::OK;
}

testing::CliResult Watch(const testing::FakeServer& server, int count, bool out_is_terminal = false,
                         bool err_is_terminal = false, const std::vector<std::string>& more = {}) {
  std::vector<std::string> arguments = {"status",    "--watch",       "--interval",
                                        "0.1",       "--count",       std::to_string(count),
                                        "--address", server.address()};
  arguments.insert(arguments.end(), more.begin(), more.end());
  std::istringstream in;
  std::ostringstream out, err;
  CliIo io{&in, &out, &err};
  io.out_is_terminal = out_is_terminal;
  io.err_is_terminal = err_is_terminal;
  const int code = RunCli(arguments, io);
  return {code, out.str(), err.str()};
}

std::string Text(int requests) {
  return StatusText(Status1(v1::SERVER_STATE_SERVING, requests));
}

TEST(StatusWatchTest, AFileGetsTheLooksOneAfterTheOther) {
  ChangingServer server(&Serves);
  const auto result = Watch(server, 3);
  EXPECT_EQ(result.code, kExitOk) << result.err;
  EXPECT_EQ(result.out, Text(1) + "\n" + Text(2) + "\n" + Text(3));
  EXPECT_EQ(result.err, "");
}

TEST(StatusWatchTest, ATerminalIsDrawnAnew) {
  ChangingServer server(&Serves);
  const auto result = Watch(server, 2, true, true);
  EXPECT_EQ(result.out, kClear + Text(1) + kClear + Text(2));
}

// m2tts status --watch > log: errors still go to the terminal.
TEST(StatusWatchTest, ItIsStandardOutputThatCounts) {
  ChangingServer server(&Serves);
  EXPECT_EQ(Watch(server, 1, false, true).out, Text(1));
  EXPECT_EQ(Watch(server, 1, true, false).out, kClear + Text(2));
}

TEST(StatusWatchTest, WithJsonEachLookIsALine) {
  ChangingServer server(&Serves);
  const auto result = Watch(server, 2, true, true, {"--json"});
  std::istringstream lines(result.out);
  std::string line;
  for (int look = 1; look <= 2; ++look) {
    ASSERT_TRUE(std::getline(lines, line));
    const Json json = Json::parse(line, nullptr, false);
    ASSERT_FALSE(json.is_discarded()) << line;
    EXPECT_EQ(json["state"], "SERVING");
    EXPECT_EQ(json["queue"]["requests"], look);
    EXPECT_EQ(json["queue"]["streams"], 10 * look);
  }
  EXPECT_FALSE(std::getline(lines, line)) << line;
}

TEST(StatusWatchTest, TheExitCodeIsThatOfTheLastLook) {
  ChangingServer drains([](int look, v1::ServerStatus* status) {
    *status = Status1(look == 1 ? v1::SERVER_STATE_SERVING : v1::SERVER_STATE_DRAINING, 0);
    return grpc::Status::OK;
  });
  EXPECT_EQ(Watch(drains, 2).code, kExitNotServing);
  ChangingServer starts([](int look, v1::ServerStatus* status) {
    *status = Status1(look == 1 ? v1::SERVER_STATE_STARTING : v1::SERVER_STATE_SERVING, 0);
    return grpc::Status::OK;
  });
  EXPECT_EQ(Watch(starts, 2).code, kExitOk);
}

TEST(StatusWatchTest, ADaemonThatGoesAwayIsWaitedFor) {
  ChangingServer server([](int look, v1::ServerStatus* status) {
    if (look == 2) return grpc::Status(grpc::StatusCode::UNAVAILABLE, "restarting");
    return Serves(look, status);
  });
  const auto result = Watch(server, 3);
  EXPECT_EQ(result.code, kExitOk) << result.err;
  EXPECT_THAT(result.out, StartsWith(Text(1) + "\naway: "));
  EXPECT_THAT(result.out, HasSubstr("restarting"));
  EXPECT_THAT(result.out, HasSubstr("\n\n" + Text(3)));
}

TEST(StatusWatchTest, WithJsonADaemonThatIsAwayIsALineToo) {
  ChangingServer server([](int look, v1::ServerStatus* status) {
    if (look == 2) return grpc::Status(grpc::StatusCode::UNAVAILABLE, "restarting");
    return Serves(look, status);
  });
  std::istringstream lines(Watch(server, 3, false, false, {"--json"}).out);
  std::vector<Json> looks;
  for (std::string line; std::getline(lines, line);) looks.push_back(Json::parse(line, nullptr, false));
  ASSERT_EQ(looks.size(), 3u);
  EXPECT_EQ(looks[0]["state"], "SERVING");
  EXPECT_EQ(looks[1]["error"]["code"], "UNAVAILABLE");
  EXPECT_EQ(looks[2]["state"], "SERVING");
}

TEST(StatusWatchTest, ADaemonThatIsAwayAtTheEndIsNotServing) {
  ChangingServer server([](int look, v1::ServerStatus* status) {
    if (look == 2) return grpc::Status(grpc::StatusCode::UNAVAILABLE, "gone");
    return Serves(look, status);
  });
  EXPECT_EQ(Watch(server, 2).code, kExitNotServing);
}

TEST(StatusWatchTest, NobodyThereAtTheFirstLookIsAnError) {
  const auto result =
      testing::RunM2tts({"status", "--watch", "--count", "2", "--address", "unix:/nonexistent.sock"});
  EXPECT_EQ(result.code, kExitUnavailable);
  EXPECT_EQ(result.out, "");
  EXPECT_THAT(result.err, HasSubstr("cannot reach m2ttsd"));
}

TEST(StatusWatchTest, NobodyWhoReadsEndsIt) {
  ChangingServer server(&Serves);
  std::istringstream in;
  std::ostringstream out, err;
  out.setstate(std::ios::badbit);
  EXPECT_EQ(RunCli({"--address", server.address(), "status", "--watch", "--json"}, {&in, &out, &err}),
            kExitOutput);
}

TEST(StatusWatchTest, WrongCommandLines) {
  for (const std::vector<std::string>& wrong :
       std::vector<std::vector<std::string>>{{"status", "--watch", "--interval", "0"},
                                             {"status", "--watch", "--interval", "nan"},
                                             {"status", "--watch", "--interval", "-1"},
                                             {"status", "--watch", "--count", "-1"},
                                             {"status", "--watch", "--count", "many"}}) {
    EXPECT_EQ(testing::RunM2tts(wrong).code, kExitUsage) << ::testing::PrintToString(wrong);
  }
}

}  // namespace
}  // namespace m2tts
