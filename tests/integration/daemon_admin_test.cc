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

#include "core/base/sha256.h"
#include "tests/integration/daemon.h"
#include "tests/server/security/certificates.h"

namespace m2tts {
namespace {

using grpc::StatusCode;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::UnorderedElementsAre;
using testing::UnorderedElementsAreArray;

TEST(LogTest, TheTextIsLoggedOnlyWhereThatIsWanted) {
  DaemonUnderTest daemon("log_text: true");
  ASSERT_TRUE(daemon.ready());
  EXPECT_TRUE(Stream(&daemon.synthesizer(), Request("Hello there.\n[info] A forged line.")).status.ok());
  EXPECT_THAT(daemon.process().Errors(), HasSubstr("says: Hello there. [info] A forged line.\n"));
}

TEST(LogTest, SoAreThePiecesOfALiveAnswer) {
  for (const bool wanted : {true, false}) {
    DaemonUnderTest daemon(wanted ? "log_text: true" : "");
    ASSERT_TRUE(daemon.ready());
    grpc::ClientContext context;
    const auto live = daemon.synthesizer().SynthesizeLive(&context);
    v1::SynthesizeLiveRequest first, piece;
    first.mutable_config()->set_text("Well, hel");
    piece.set_text("lo\nthere.");
    EXPECT_TRUE(live->Write(first) && live->Write(piece));
    live->WritesDone();
    v1::SynthesizeStreamResponse part;
    while (live->Read(&part)) {
    }
    EXPECT_TRUE(live->Finish().ok());
    const std::string log = daemon.process().Errors();
    EXPECT_EQ(log.find("says: Well, hel\n") != std::string::npos, wanted) << log;
    EXPECT_EQ(log.find("says: lo there.\n") != std::string::npos, wanted) << log;
    EXPECT_THAT(log, HasSubstr("SynthesizeLive OK"));
  }
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

// Tokens, certificates, lexicons and limits, each once broken while the others change.
class ReloadOfKindsTest : public testing::Test {
 protected:
  static constexpr char kBoss[] = "token-of-the-boss-0123";

  ReloadOfKindsTest() : ca_(dir_.path()) {
    ca_.Sign("server");
    ca_.Sign("next");
    Write("tokens", Tokens("boss"));
    Write("words.txt", "zorb Z\n");
    daemon_ = std::make_unique<DaemonUnderTest>(Config(7));
    grpc::SslCredentialsOptions options;
    std::ifstream pem(ca_.Path("ca.pem"));
    options.pem_root_certs.assign(std::istreambuf_iterator<char>(pem), {});
    grpc::ChannelArguments arguments;
    arguments.SetSslTargetNameOverride("localhost");
    admin_ = v1::Admin::NewStub(
        grpc::CreateCustomChannel(daemon_->address(), grpc::SslCredentials(options), arguments));
  }
  void Write(const std::string& name, const std::string& content) const {
    std::ofstream(dir_ / name, std::ios::binary) << content;
  }
  static std::string Tokens(const std::string& name) { return name + ":admin:" + Sha256Hex(kBoss) + "\n"; }
  std::string Config(int max_requests) const {
    return "auth: {tokens: " + (dir_ / "tokens").string() +
           "}\ntls: {certificate: " + ca_.Path("server.pem") + ", key: " + ca_.Path("server.key") +
           "}\ntext: {lexicons: [" + (dir_ / "words.txt").string() +
           "]}\nlimits: {max_requests: " + std::to_string(max_requests) + "}";
  }
  // Something new of every kind, all of it good.
  void ChangeAll(int max_requests, const std::string& name) {
    daemon_->WriteConfig(Config(max_requests));
    Write("tokens", Tokens(name));
    Write("words.txt", "zorb Z\n" + name + " B\n");
    ca_.Sign(name);
    for (const char* type : {".pem", ".key"}) {
      std::filesystem::copy_file(ca_.Path(name + type), ca_.Path(std::string("server") + type),
                                 std::filesystem::copy_options::overwrite_existing);
    }
  }
  v1::ReloadResponse Reload() {
    grpc::ClientContext context;
    context.AddMetadata("authorization", std::string("Bearer ") + kBoss);
    v1::ReloadResponse response;
    const grpc::Status status = admin_->Reload(&context, {}, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response;
  }

  const TempDir dir_;
  const TestCertificates ca_;
  std::unique_ptr<DaemonUnderTest> daemon_;
  std::unique_ptr<v1::Admin::Stub> admin_;
};

TEST_F(ReloadOfKindsTest, ABrokenOneKeepsNoOtherBack) {
  ASSERT_TRUE(daemon_->ready());
  const std::string words = dir_ / "words.txt";
  // Opens the connection, too: certificates are looked at when one is.
  EXPECT_EQ(Reload().ShortDebugString(), "");
  ChangeAll(8, "one");
  EXPECT_THAT(Reload().changed(), UnorderedElementsAre("limits.max_requests", "auth.tokens", "tls", words));

  const struct {
    const char* file;
    std::string what;
  } kinds[] = {{"tokens", "auth.tokens"}, {"server.key", "tls"}, {"words.txt", words}};
  int round = 0;
  for (const auto& kind : kinds) {
    ChangeAll(20 + round, "round" + std::string(1, static_cast<char>('a' + round)));
    ++round;
    Write(kind.file, "junk\n");
    const v1::ReloadResponse response = Reload();
    ASSERT_EQ(response.failed_size(), 1) << kind.what << ": " << response.ShortDebugString();
    EXPECT_EQ(response.failed(0).what(), kind.what);
    EXPECT_THAT(response.failed(0).error(), HasSubstr(kind.file));
    std::vector<std::string> others = {"limits.max_requests"};
    for (const auto& other : kinds) {
      if (other.what != kind.what) others.push_back(other.what);
    }
    EXPECT_THAT(response.changed(), UnorderedElementsAreArray(others)) << kind.what;
    EXPECT_EQ(Reload().failed_size(), 1) << kind.what << ": as long as it is broken";
  }
  ChangeAll(40, "last");
  EXPECT_EQ(Reload().failed_size(), 0);
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
