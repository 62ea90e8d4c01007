// Settings and the log level changed while the real daemon serves; SIGHUP; systemd.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <fstream>
#include <thread>

#include "tests/integration/daemon.h"

namespace m2tts {
namespace {

using grpc::StatusCode;
using testing::ElementsAre;
using testing::HasSubstr;

TEST(LogTest, TheTextIsLoggedOnlyWhereThatIsWanted) {
  DaemonUnderTest daemon("log_text: true");
  ASSERT_TRUE(daemon.ready());
  EXPECT_TRUE(Stream(&daemon.synthesizer(), Request("Hello there.\n[info] A forged line.")).status.ok());
  EXPECT_THAT(daemon.process().Errors(), HasSubstr("says: Hello there. [info] A forged line.\n"));
}

class ReloadTest : public testing::Test {
 protected:
  grpc::Status Reload(v1::ReloadResponse* response) {
    grpc::ClientContext context;
    return daemon_.admin().Reload(&context, {}, response);
  }
  int MaxRequests() {
    grpc::ClientContext context;
    v1::ServerStatus status;
    EXPECT_TRUE(daemon_.admin().GetStatus(&context, {}, &status).ok());
    return status.queue().max_requests();
  }
  grpc::Status Speak(const std::string& text) {
    grpc::ClientContext context;
    v1::SynthesizeResponse response;
    return daemon_.synthesizer().Synthesize(&context, Request(text), &response);
  }

  DaemonUnderTest daemon_{"limits: {max_requests: 7, max_text_bytes: 10}"};
};

TEST_F(ReloadTest, TellsAndTakesWhatChanged) {
  ASSERT_TRUE(daemon_.ready());
  EXPECT_EQ(Speak("This is too long.").error_code(), StatusCode::INVALID_ARGUMENT);
  daemon_.WriteConfig("limits: {max_requests: 9, max_text_bytes: 100}\nworker_threads: 3");
  v1::ReloadResponse response;
  ASSERT_TRUE(Reload(&response).ok());
  EXPECT_THAT(response.changed(), ElementsAre("limits.max_requests", "limits.max_text_bytes"));
  EXPECT_THAT(response.needs_restart(), ElementsAre("worker_threads"));
  EXPECT_EQ(MaxRequests(), 9);
  EXPECT_TRUE(Speak("This is fine now.").ok());

  for (const char* bad :
       {"limits: {max_requests: -1}", "limits: {max_reqests: 1}", "limits: [", "listen: x"}) {
    daemon_.WriteConfig(bad);
    const grpc::Status status = Reload(&response);
    EXPECT_EQ(status.error_code(), StatusCode::INVALID_ARGUMENT) << bad;
    EXPECT_THAT(status.error_message(), HasSubstr("m2ttsd.yaml")) << bad;
    EXPECT_EQ(MaxRequests(), 9);
  }
}

TEST_F(ReloadTest, SighupDoesTheSame) {
  ASSERT_TRUE(daemon_.ready());
  const auto becomes = [this](int requests) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (MaxRequests() != requests && std::chrono::steady_clock::now() < deadline) {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));  // another process: nothing to wait on
    }
    return MaxRequests() == requests;
  };
  daemon_.WriteConfig("limits: {max_requests: 11}");
  daemon_.process().Signal(SIGHUP);
  EXPECT_TRUE(becomes(11));
  daemon_.WriteConfig("limits: {max_requests: 0}");
  daemon_.process().Signal(SIGHUP);
  daemon_.WriteConfig("limits: {max_requests: 12}");
  daemon_.process().Signal(SIGHUP);
  EXPECT_TRUE(becomes(12)) << "it survives a bad configuration";
  EXPECT_TRUE(Speak("Hello.").ok());
}

TEST_F(ReloadTest, LogLevel) {
  ASSERT_TRUE(daemon_.ready());
  const auto set = [this](v1::LogLevel level, v1::SetLogLevelResponse* response) {
    grpc::ClientContext context;
    v1::SetLogLevelRequest request;
    request.set_level(level);
    return daemon_.admin().SetLogLevel(&context, request, response);
  };
  v1::SetLogLevelResponse response;
  EXPECT_TRUE(set(v1::LOG_LEVEL_ERROR, &response).ok());
  EXPECT_EQ(response.previous(), v1::LOG_LEVEL_INFO);
  EXPECT_EQ(set(v1::LOG_LEVEL_UNSPECIFIED, &response).error_code(), StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(set(static_cast<v1::LogLevel>(99), &response).error_code(), StatusCode::INVALID_ARGUMENT);
  const size_t length = daemon_.process().Errors().size();
  EXPECT_TRUE(Speak("Hello.").ok());
  EXPECT_EQ(daemon_.process().Errors().size(), length) << "nothing is logged of a call that went well";
  EXPECT_TRUE(set(v1::LOG_LEVEL_DEBUG, &response).ok());
  EXPECT_EQ(response.previous(), v1::LOG_LEVEL_ERROR);
}

TEST(SystemdTest, IsToldOfReadinessReloadAndTheEnd) {
  const TempDir dir;
  const std::string path = dir / "notify";
  const int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path.c_str(), sizeof(address.sun_path) - 1);
  ASSERT_EQ(bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
  const timeval patience = {20, 0};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
  const auto receive = [fd](const std::string& wanted) {
    char buffer[256];
    for (ssize_t size = recv(fd, buffer, sizeof(buffer), 0); size > 0;
         size = recv(fd, buffer, sizeof(buffer), 0)) {
      if (std::string(buffer, static_cast<size_t>(size)).find(wanted) != std::string::npos) return true;
    }
    return false;
  };
  DaemonUnderTest daemon("", {{"NOTIFY_SOCKET", path}, {"WATCHDOG_USEC", "200000"}});
  ASSERT_TRUE(daemon.ready());
  EXPECT_TRUE(receive("READY=1"));
  EXPECT_TRUE(receive("WATCHDOG=1"));
  EXPECT_TRUE(receive("WATCHDOG=1"));
  daemon.process().Signal(SIGHUP);
  EXPECT_TRUE(receive("RELOADING=1"));
  EXPECT_TRUE(receive("READY=1"));
  daemon.process().Signal(SIGTERM);
  EXPECT_TRUE(receive("STOPPING=1"));
  EXPECT_EQ(daemon.process().Wait(), 0);
  close(fd);
}

}  // namespace
}  // namespace m2tts
