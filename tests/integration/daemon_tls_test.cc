// TLS and Unix sockets: who may connect to the real daemon.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>

#include <fstream>

#include "core/base/sha256.h"
#include "tests/integration/daemon.h"
#include "tests/server/security/certificates.h"

namespace m2tts {
namespace {

using grpc::StatusCode;
using testing::HasSubstr;

constexpr char kReader[] = "token-of-the-reader";

class TlsTest : public testing::Test {
 protected:
  TlsTest() : ca_(dir_.path()) {
    ca_.Sign("server");
    ca_.Sign("client");
  }
  std::string Config(bool client_ca) const {
    return "tls: {certificate: " + ca_.Path("server.pem") + ", key: " + ca_.Path("server.key") +
           (client_ca ? ", client_ca: " + ca_.Path("ca.pem") : "") + "}";
  }
  static std::string Read(const std::string& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  // A new connection; `identity` names the client's certificate.
  grpc::Status Ask(const DaemonUnderTest& daemon, const std::string& authority = "ca",
                   const std::string& identity = "") const {
    grpc::SslCredentialsOptions options;
    options.pem_root_certs = Read(ca_.Path(authority + ".pem"));
    if (!identity.empty()) {
      options.pem_cert_chain = Read(ca_.Path(identity + ".pem"));
      options.pem_private_key = Read(ca_.Path(identity + ".key"));
    }
    return AskOver(Channel(daemon, grpc::SslCredentials(options)));
  }
  static std::shared_ptr<grpc::Channel> Channel(
      const DaemonUnderTest& daemon, const std::shared_ptr<grpc::ChannelCredentials>& credentials) {
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    return grpc::CreateCustomChannel(daemon.address(), credentials, arguments);
  }
  static grpc::Status AskOver(const std::shared_ptr<grpc::Channel>& channel) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(10));
    v1::ServerStatus status;
    return v1::Admin::NewStub(channel)->GetStatus(&context, {}, &status);
  }
  int RunM2tts(const std::vector<std::string>& arguments, std::string* output) const {
    std::vector<std::string> command = {M2TTS_BINARY_DIR "/client/m2tts"};
    command.insert(command.end(), arguments.begin(), arguments.end());
    Process process(command);
    *output = process.ReadAll();
    const int code = process.Wait();
    *output += process.Errors();
    return code;
  }

  const TempDir dir_;
  const TestCertificates ca_;
};

TEST_F(TlsTest, OnlyWhoTrustsTheCertificateConnects) {
  DaemonUnderTest daemon(Config(false));
  ASSERT_TRUE(daemon.ready());
  EXPECT_TRUE(Ask(daemon).ok());
  const TestCertificates other(dir_.path(), "other");
  EXPECT_EQ(Ask(daemon, "other").error_code(), StatusCode::UNAVAILABLE);
  EXPECT_EQ(AskOver(Channel(daemon, grpc::InsecureChannelCredentials())).error_code(),
            StatusCode::UNAVAILABLE);
  std::string output;
  EXPECT_EQ(RunM2tts({"status", "--address", daemon.address(), "--tls-ca", ca_.Path("ca.pem")}, &output), 0)
      << output;
  EXPECT_EQ(RunM2tts({"status", "--address", daemon.address(), "--tls-ca", ca_.Path("other.pem")}, &output),
            69);
  EXPECT_THAT(output, HasSubstr("cannot reach m2ttsd at " + daemon.address()));
  EXPECT_EQ(RunM2tts({"status", "--address", daemon.address()}, &output), 69);
}

TEST_F(TlsTest, ClientsShowACertificateWhereTheDaemonAsksForOne) {
  DaemonUnderTest daemon(Config(true) + "\nlog_level: debug");
  ASSERT_TRUE(daemon.ready());
  EXPECT_TRUE(Ask(daemon, "ca", "client").ok());
  EXPECT_FALSE(Ask(daemon).ok());
  const TestCertificates other(dir_.path(), "other");
  other.Sign("stranger");
  EXPECT_FALSE(Ask(daemon, "ca", "stranger").ok());
  ca_.Sign("client-2");
  EXPECT_TRUE(Ask(daemon, "ca", "client-2").ok());
  EXPECT_THAT(daemon.process().Errors(), HasSubstr("client client-2")) << "known by its common name";
  std::string output;
  EXPECT_EQ(RunM2tts({"status", "--address", daemon.address(), "--tls-ca", ca_.Path("ca.pem"), "--tls-cert",
                      ca_.Path("client.pem"), "--tls-key", ca_.Path("client.key")},
                     &output),
            0)
      << output;
}

TEST_F(TlsTest, ChangedCertificatesServeNewConnections) {
  DaemonUnderTest daemon(Config(false));
  ASSERT_TRUE(daemon.ready());
  grpc::SslCredentialsOptions options;
  options.pem_root_certs = Read(ca_.Path("ca.pem"));
  const auto old_connection = Channel(daemon, grpc::SslCredentials(options));
  EXPECT_TRUE(AskOver(old_connection).ok());

  const TestCertificates other(dir_.path(), "other");
  other.Sign("next");
  for (const char* type : {".key", ".pem"}) {
    std::filesystem::rename(ca_.Path(std::string("next") + type), ca_.Path(std::string("server") + type));
  }
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (!Ask(daemon, "other").ok() && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));  // another process looks once a second
  }
  EXPECT_TRUE(Ask(daemon, "other").ok());
  EXPECT_TRUE(AskOver(old_connection).ok()) << "a connection lives on";

  std::ofstream(ca_.Path("server.pem")) << "damaged";
  std::this_thread::sleep_for(std::chrono::milliseconds(1500));
  EXPECT_TRUE(Ask(daemon, "other").ok()) << "damaged files change nothing";
  EXPECT_THAT(daemon.process().Errors(), HasSubstr("server.pem holds no PEM certificate"));
}

TEST_F(TlsTest, WithTlsAndTokensAnAddressMayBePublic) {
  std::ofstream(dir_ / "tokens") << "reader:synthesize:" << Sha256Hex(kReader) << "\n";
  const std::string config = Config(false) + "\nauth: {tokens: " + (dir_ / "tokens").string() + "}";
  DaemonUnderTest daemon(config, {}, {"--listen", "0.0.0.0:0"});
  ASSERT_TRUE(daemon.ready());
  const std::string address = "127.0.0.1" + daemon.address().substr(daemon.address().rfind(':'));
  std::ofstream(dir_ / "reader.token") << kReader << "\n";
  std::string output;
  EXPECT_EQ(RunM2tts({"status", "--address", address, "--tls-ca", ca_.Path("ca.pem")}, &output), 77);
  EXPECT_THAT(output, HasSubstr("--token-file"));
  EXPECT_EQ(RunM2tts({"status", "--address", address, "--tls-ca", ca_.Path("ca.pem"), "--token-file",
                      dir_ / "reader.token"},
                     &output),
            0)
      << output;
  EXPECT_EQ(RunM2tts({"reload", "--address", address, "--tls-ca", ca_.Path("ca.pem"), "--token-file",
                      dir_ / "reader.token"},
                     &output),
            77);
  EXPECT_THAT(output, HasSubstr("lacks the role 'admin'"));
}

TEST(UnixSocketTest, ServesItsOwnerAndSurvivesAStaleFile) {
  const TempDir dir;
  const std::string path = dir / "m2ttsd.sock";
  {
    DaemonUnderTest daemon("", {}, {"--listen", "unix:" + path});
    ASSERT_TRUE(daemon.ready());
    EXPECT_EQ(daemon.address(), "unix:" + path);
    struct stat info {};
    ASSERT_EQ(stat(path.c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777, 0600u);
    EXPECT_TRUE(Stream(&daemon.synthesizer(), Request("Hello.")).status.ok());
    EXPECT_THAT(daemon.process().Errors(), HasSubstr("client unix"));

    Process second({DaemonPath(), "--listen", "unix:" + path, "--metrics-listen", "off"});
    EXPECT_EQ(second.Wait(), 1);
    EXPECT_THAT(second.Errors(), HasSubstr("another process does"));
    EXPECT_TRUE(Stream(&daemon.synthesizer(), Request("Still here.")).status.ok());
    daemon.process().Signal(SIGKILL);
    daemon.process().Wait();
  }
  EXPECT_TRUE(std::filesystem::exists(path)) << "left over by the kill";
  DaemonUnderTest daemon("unix_access: group", {}, {"--listen", "unix:" + path + ",127.0.0.1:0"});
  ASSERT_TRUE(daemon.ready());
  struct stat info {};
  ASSERT_EQ(stat(path.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0660u);
  EXPECT_TRUE(Stream(&daemon.synthesizer(), Request("Hello again.")).status.ok());
  daemon.process().Signal(SIGTERM);
  EXPECT_EQ(daemon.process().Wait(), 0);
  EXPECT_FALSE(std::filesystem::exists(path)) << "taken away at the end";
}

}  // namespace
}  // namespace m2tts
