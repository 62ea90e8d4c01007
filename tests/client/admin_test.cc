// The commands that change a running daemon.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/json.h"
#include "tests/client/cli_runner.h"
#include "tests/client/fake_server.h"

namespace m2tts {
namespace {

using testing::FakeServer;
using ::testing::HasSubstr;
using testing::RunM2tts;

testing::CliResult Ask(const FakeServer& server, std::vector<std::string> arguments) {
  arguments.insert(arguments.end(), {"--address", server.address()});
  return RunM2tts(arguments);
}

TEST(AdminTest, LoadsAndUnloads) {
  FakeServer server;
  server.load_voice.add_unloaded("old");
  auto result = Ask(server, {"voices", "load", "new"});
  EXPECT_EQ(result.code, kExitOk) << result.err;
  EXPECT_EQ(result.out, "loaded new\nunloaded, to make room: old\n");
  EXPECT_EQ(server.last_admin(), "LoadVoice new");
  EXPECT_EQ(Json::parse(Ask(server, {"voices", "load", "new", "--json"}).out)["unloaded"],
            Json::array({"old"}));

  EXPECT_EQ(Ask(server, {"voices", "unload", "new"}).out, "unloaded new\n");
  EXPECT_EQ(server.last_admin(), "UnloadVoice new");
  EXPECT_EQ(Ask(server, {"voices", "default", "new"}).out, "new is the default voice\n");
  EXPECT_EQ(server.last_admin(), "SetDefaultVoice new");
}

TEST(AdminTest, RescanTellsWhatChangedAndFailsWhereAVoiceDid) {
  FakeServer server;
  EXPECT_EQ(Ask(server, {"voices", "rescan"}).out, "nothing has changed\n");
  server.rescan.add_added("a");
  server.rescan.add_removed("b");
  EXPECT_EQ(Ask(server, {"voices", "rescan"}).out, "added a\nremoved b\n");
  auto* failure = server.rescan.add_failed();
  failure->set_name("c");
  failure->set_error("model.safetensors is damaged");
  const auto result = Ask(server, {"voices", "rescan", "--json"});
  EXPECT_EQ(result.code, kExitRefused);
  EXPECT_EQ(result.err, "m2tts: c: model.safetensors is damaged\n");
  EXPECT_EQ(Json::parse(result.out)["failed"]["c"], "model.safetensors is damaged");
}

TEST(AdminTest, ReloadTellsWhatNeedsARestart) {
  FakeServer server;
  EXPECT_EQ(Ask(server, {"reload"}).out, "nothing has changed\n");
  server.reload.add_changed("limits.max_requests");
  server.reload.add_needs_restart("listen");
  EXPECT_EQ(Ask(server, {"reload"}).out, "changed limits.max_requests\nneeds a restart: listen\n");
}

TEST(AdminTest, ReloadFailsWhereSomethingCouldNotBeRead) {
  FakeServer server;
  auto* failure = server.reload.add_failed();
  failure->set_what("auth.tokens");
  failure->set_error("/etc/tokens:5: expected NAME:ROLE");
  const auto alone = Ask(server, {"reload"});
  EXPECT_EQ(alone.code, kExitRefused);
  EXPECT_EQ(alone.out, "");
  EXPECT_EQ(alone.err, "m2tts: auth.tokens stays as it was: /etc/tokens:5: expected NAME:ROLE\n");
  server.reload.add_changed("limits.max_requests");
  const auto result = Ask(server, {"reload", "--json"});
  EXPECT_EQ(result.code, kExitRefused);
  EXPECT_EQ(Json::parse(result.out)["failed"]["auth.tokens"], "/etc/tokens:5: expected NAME:ROLE");
  EXPECT_EQ(Json::parse(result.out)["changed"], Json::array({"limits.max_requests"}));
}

TEST(AdminTest, LogLevel) {
  FakeServer server;
  EXPECT_EQ(Ask(server, {"log-level", "debug"}).out, "the log level is debug now, was info\n");
  EXPECT_EQ(server.last_admin(), "SetLogLevel LOG_LEVEL_DEBUG");
}

TEST(AdminTest, WrongCommandLines) {
  for (const std::vector<std::string>& wrong :
       std::vector<std::vector<std::string>>{{"voices", "load"},
                                             {"voices", "drop", "x"},
                                             {"voices", "load", "a", "unload", "b"},
                                             {"log-level", "loud"},
                                             {"log-level"},
                                             {"reload", "x"}}) {
    EXPECT_EQ(RunM2tts(wrong).code, kExitUsage) << ::testing::PrintToString(wrong);
  }
}

TEST(AdminTest, ADamagedVoiceIsRefused) {
  FakeServer server;
  server.error = grpc::Status(grpc::StatusCode::DATA_LOSS, "model.safetensors is damaged");
  EXPECT_EQ(Ask(server, {"voices", "load", "x"}).code, kExitRefused);
}

TEST(AdminTest, RefusalsAreExplained) {
  FakeServer server;
  server.error = grpc::Status(grpc::StatusCode::PERMISSION_DENIED, "'bob' lacks the role 'admin'");
  const auto denied = Ask(server, {"reload"});
  EXPECT_EQ(denied.code, kExitNoPermission);
  EXPECT_THAT(denied.err, HasSubstr("'bob' lacks the role 'admin'"));
  EXPECT_THAT(denied.err, HasSubstr("token with that role"));
  server.error = grpc::Status(grpc::StatusCode::UNAUTHENTICATED, "this server asks for a token");
  const auto unknown = Ask(server, {"voices", "load", "x"});
  EXPECT_EQ(unknown.code, kExitNoPermission);
  EXPECT_THAT(unknown.err, HasSubstr("--token-file"));
}

}  // namespace
}  // namespace m2tts
