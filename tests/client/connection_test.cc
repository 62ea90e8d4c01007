// Tokens and certificates of the command line. Real TLS is tested against the daemon
// (tests/integration/daemon_tls_test.cc).
#include "client/connection.h"

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

class TokenTest : public ::testing::Test {
 protected:
  TokenTest() { server_.status.set_state(v1::SERVER_STATE_SERVING); }
  ~TokenTest() override {
    unsetenv("M2TTS_TOKEN");
    unsetenv("M2TTS_TOKEN_FILE");
  }
  testing::CliResult Status(std::vector<std::string> arguments = {}) {
    arguments.insert(arguments.begin(), {"status", "--address", server_.address()});
    return RunM2tts(arguments);
  }
  std::string File(const std::string& name, const std::string& content) const {
    testing::WriteAll(dir_ / name, content);
    return dir_ / name;
  }

  FakeServer server_;
  const testing::TempDir dir_;
};

TEST_F(TokenTest, ComesFromFileOrEnvironment) {
  EXPECT_EQ(Status().code, kExitOk);
  EXPECT_EQ(server_.last_authorization(), "");
  EXPECT_EQ(Status({"--token-file", File("a", "token-of-a\r\nmore\n")}).code, kExitOk);
  EXPECT_EQ(server_.last_authorization(), "Bearer token-of-a");
  setenv("M2TTS_TOKEN", "token-of-env", 1);
  Status();
  EXPECT_EQ(server_.last_authorization(), "Bearer token-of-env");
  setenv("M2TTS_TOKEN_FILE", File("b", "token-of-b").c_str(), 1);
  Status();
  EXPECT_EQ(server_.last_authorization(), "Bearer token-of-b");
  Status({"--token-file", dir_ / "a"});
  EXPECT_EQ(server_.last_authorization(), "Bearer token-of-a");
}

TEST_F(TokenTest, UnusableOnesAreErrorsThatDoNotTellThem) {
  EXPECT_EQ(Status({"--token-file", dir_ / "none"}).code, kExitNoInput);
  for (const std::string& bad :
       {std::string(), std::string("\n"), std::string("two words"), std::string("n\xc3\xb6", 3),
        std::string("a\0b", 3), std::string("\x1b[31m")}) {
    const auto result = Status({"--token-file", File("bad", bad)});
    EXPECT_EQ(result.code, kExitUsage) << bad;
    EXPECT_EQ(result.err.find("two words"), std::string::npos);
  }
  setenv("M2TTS_TOKEN", "two words", 1);
  EXPECT_THAT(Status().err, HasSubstr("$M2TTS_TOKEN: a token is one word"));
}

TEST_F(TokenTest, IsNotAnArgument) {
  EXPECT_EQ(Status({"--token", "secret"}).code, kExitUsage);
}

TEST(SendsTokenInTheClearTest, OnlyToOtherMachinesWithoutTls) {
  ClientOptions options;
  options.address = "192.0.2.7:50551";
  EXPECT_FALSE(SendsTokenInTheClear(options)) << "no token";
  options.token = "secret";
  EXPECT_TRUE(SendsTokenInTheClear(options));
  options.tls.on = true;
  EXPECT_FALSE(SendsTokenInTheClear(options));
  options.tls.on = false;
  for (const char* local : {"127.0.0.1:1", "localhost:1", "[::1]:1", "unix:/run/x"}) {
    options.address = local;
    EXPECT_FALSE(SendsTokenInTheClear(options)) << local;
  }
}

TEST(TlsFlagsTest, FilesMustBePem) {
  const testing::TempDir dir;
  testing::WriteAll(dir / "junk", "junk");
  EXPECT_EQ(RunM2tts({"status", "--tls-ca", dir / "none"}).code, kExitNoInput);
  const auto junk = RunM2tts({"status", "--tls-ca", dir / "junk"});
  EXPECT_EQ(junk.code, kExitUsage);
  EXPECT_THAT(junk.err, HasSubstr("junk: is not a PEM file"));
  EXPECT_THAT(RunM2tts({"status", "--tls-cert", dir / "junk"}).err, HasSubstr("--tls-key"));
}

TEST(RequestIdTest, IsToldWhereTheLogSaysMore) {
  FakeServer server;
  server.error = testing::ErrorWithRequestId(grpc::StatusCode::INTERNAL, "abc-1");
  const auto result = RunM2tts({"status", "--json", "--address", server.address()});
  EXPECT_EQ(result.code, kExitInternal);
  EXPECT_THAT(result.err, HasSubstr("request abc-1"));
  EXPECT_EQ(Json::parse(result.out)["error"]["request_id"], "abc-1");
}

}  // namespace
}  // namespace m2tts
