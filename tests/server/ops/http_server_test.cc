// Over real connections, as clients that behave and as those that do not.
#include "server/ops/http_server.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "server/ops/open_files.h"

namespace m2tts {
namespace {

using testing::AnyOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

// A read or a write that takes as long has failed: nothing here should take a tenth of it.
constexpr timeval kHttpPatience = {30, 0};

class HttpConnection {
 public:
  // `buffer_bytes`: what the system may hold of each direction, in about; 0 for as much as it likes.
  explicit HttpConnection(int port, int buffer_bytes = 0) : fd_(socket(AF_INET, SOCK_STREAM, 0)) {
    setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &kHttpPatience, sizeof(kHttpPatience));
    setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &kHttpPatience, sizeof(kHttpPatience));
    if (buffer_bytes > 0) {
      setsockopt(fd_, SOL_SOCKET, SO_SNDBUF, &buffer_bytes, sizeof(buffer_bytes));
      setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &buffer_bytes, sizeof(buffer_bytes));
    }
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(static_cast<uint16_t>(port));
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(connect(fd_, reinterpret_cast<sockaddr*>(&to), sizeof(to)), 0);
  }
  HttpConnection(HttpConnection&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  ~HttpConnection() {
    if (fd_ >= 0) close(fd_);
  }
  bool Send(const std::string& bytes) const {
    return send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(bytes.size());
  }
  // Takes what is there by now, at most `bytes` of it.
  void ReceiveSome(size_t bytes) const {
    std::string some(bytes, '\0');
    (void)recv(fd_, some.data(), some.size(), MSG_DONTWAIT);
  }
  // All that comes until the server hangs up.
  std::string ReceiveAll() const {
    std::string all;
    char some[4096];
    ssize_t size = 0;
    while ((size = recv(fd_, some, sizeof(some), 0)) > 0) all.append(some, static_cast<size_t>(size));
    EXPECT_TRUE(size == 0 || errno != EAGAIN) << "the server neither answers nor hangs up";
    return all;
  }

 private:
  int fd_;
};

// How many files this process has open.
int CountOpenFiles() {
  constexpr int kHighest = 8192;
  int files = 0;
  for (int fd = 0; fd < kHighest; ++fd) files += fcntl(fd, F_GETFD) >= 0 ? 1 : 0;
  return files;
}

class HttpServerTest : public testing::Test {
 protected:
  static constexpr int kAttackers = 40;  // more than are let in at a time

  void SetUp() override {
    ListenAddress address;
    address.host = "127.0.0.1";
    auto server = HttpServer::Start(address, &state_, [this] { return metrics_; });
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = std::move(*server);
    port_ = server_->address().port;
  }
  std::string Ask(const std::string& request) const {
    const HttpConnection connection(port_);
    connection.Send(request);
    return connection.ReceiveAll();
  }
  std::string Get(const std::string& path, const std::string& headers = "") const {
    return Ask("GET " + path + " HTTP/1.1\r\nHost: x\r\n" + headers + "\r\n");
  }
  // How much the server takes of `start` and then an 'a' 100 million times, before it hangs up.
  size_t BytesTakenOfEndless(const std::string& start) const {
    constexpr size_t kEndless = 100'000'000, kPiece = 10'000;
    const HttpConnection connection(port_, kPiece);
    size_t bytes = 0;
    for (std::string piece = start; bytes < kEndless && connection.Send(piece); piece.assign(kPiece, 'a')) {
      bytes += piece.size();
    }
    return bytes;
  }
  // Sends probes while many connections send `start` and then `drip` now and then, as long as that is true,
  // and come back when it is not.
  template <typename Drip>
  void ProbesAreAnsweredBeside(const std::string& start, const Drip& drip) const {
    constexpr int kSmallBuffer = 16 << 10;
    std::atomic<int> started{0};
    std::atomic<bool> done{false};
    std::vector<std::thread> attackers;
    for (int i = 0; i < kAttackers; ++i) {
      attackers.emplace_back([&] {
        while (!done) {
          const HttpConnection connection(port_, kSmallBuffer);
          connection.Send(start);
          ++started;
          // More often than any time-out.
          while (!done && drip(connection)) std::this_thread::sleep_for(std::chrono::milliseconds(100));
        }
      });
    }
    while (started < kAttackers) std::this_thread::yield();
    for (int i = 0; i < 3; ++i) EXPECT_THAT(Get("/healthz"), EndsWith("\r\n\r\nok\n"));
    done = true;
    for (std::thread& attacker : attackers) attacker.join();
  }

  std::string metrics_ = "answer 42\n";
  AtomicServerState state_{ServerState::kServing};
  std::unique_ptr<HttpServer> server_;
  int port_ = 0;
};

TEST_F(HttpServerTest, Pages) {
  EXPECT_THAT(
      Get("/metrics"),
      AllOf(StartsWith("HTTP/1.1 200 OK\r\n"), HasSubstr("\r\nContent-Type: text/plain; version=0.0.4\r\n"),
            HasSubstr("\r\nConnection: close\r\n"), EndsWith("\r\n\r\nanswer 42\n")));
  EXPECT_THAT(Get("/metrics?name=a"), EndsWith("\r\n\r\nanswer 42\n"));
  EXPECT_THAT(Get("/metrics", "Accept-Encoding: gzip\r\n"), HasSubstr("\r\nContent-Encoding: gzip\r\n"));
  EXPECT_THAT(Ask("GET /metrics HTTP/1.0\r\n\r\n"), EndsWith("\r\n\r\nanswer 42\n"));
  EXPECT_THAT(Get("/healthz"), AllOf(StartsWith("HTTP/1.1 200 OK\r\n"), EndsWith("\r\n\r\nok\n")));
  EXPECT_THAT(
      Ask("HEAD /healthz HTTP/1.1\r\n\r\n"),
      AllOf(StartsWith("HTTP/1.1 200 OK\r\n"), HasSubstr("\r\nContent-Length: 3\r\n"), EndsWith("\r\n\r\n")));
  EXPECT_THAT(Get("/readyz"), AllOf(StartsWith("HTTP/1.1 200 OK\r\n"), EndsWith("\r\n\r\nready\n")));
  state_ = ServerState::kDraining;
  EXPECT_THAT(Get("/readyz"), AllOf(StartsWith("HTTP/1.1 503 "), EndsWith("\r\n\r\ndraining\n")));
  EXPECT_THAT(Get("/healthz"), StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(Get("/nothing"), StartsWith("HTTP/1.1 404 "));
}

TEST_F(HttpServerTest, ARequestMayComeInPieces) {
  const HttpConnection connection(port_);
  for (const char piece : std::string("GET /healthz HTTP/1.1\r\n\r\n")) {
    EXPECT_TRUE(connection.Send(std::string(1, piece)));
    std::this_thread::sleep_for(std::chrono::milliseconds(2));  // a segment each
  }
  EXPECT_THAT(connection.ReceiveAll(), EndsWith("\r\n\r\nok\n"));
}

TEST_F(HttpServerTest, APageLargerThanTheSystemHoldsAtOnce) {
  metrics_ = std::string(20'000'000, 'x') + "\n";
  EXPECT_THAT(Get("/metrics").size(), testing::Gt(metrics_.size()));
}

TEST_F(HttpServerTest, WhatIsNotAGetIsAnsweredBeforeItsBodyComes) {
  for (const char* method : {"POST", "PUT", "DELETE", "OPTIONS"}) {
    EXPECT_THAT(Ask(std::string(method) + " /metrics HTTP/1.1\r\nContent-Length: 4000\r\n\r\n"),
                StartsWith("HTTP/1.1 404 "))
        << method;
  }
}

TEST_F(HttpServerTest, GarbageIsABadRequestOrHangsUp) {
  const auto refused = AnyOf(IsEmpty(), StartsWith("HTTP/1.1 400 "));
  EXPECT_THAT(Ask("\r\n\r\n"), refused);
  EXPECT_THAT(Ask("GET\r\n\r\n"), refused);
  EXPECT_THAT(Ask(std::string("\x16\x03\x01\0\xff\n\r\n\r\n", 10)), refused) << "TLS, in about";
  EXPECT_THAT(Ask("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), refused);
  EXPECT_THAT(Ask("GET /" + std::string(9000, 'a') + " HTTP/1.1\r\n\r\n"), StartsWith("HTTP/1.1 414 "));
}

TEST_F(HttpServerTest, OneRequestIsAnsweredWhateverFollows) {
  const std::string request = "GET /healthz HTTP/1.1\r\n\r\n";
  EXPECT_THAT(Ask(request + "garbage\r\n\r\n" + request), EndsWith("\r\n\r\nok\n"));
  EXPECT_THAT(Ask("garbage\r\n\r\n" + request), Not(HasSubstr("ok\n")));
}

TEST_F(HttpServerTest, AnEndlessLineIsCut) {
  constexpr size_t kWhatSystemsHold = 4'000'000;
  EXPECT_LT(BytesTakenOfEndless("GET / HTTP/1.1\r\nX: "), kWhatSystemsHold);
  EXPECT_LT(BytesTakenOfEndless("GET /"), kWhatSystemsHold);
  EXPECT_LT(BytesTakenOfEndless(""), kWhatSystemsHold);
  EXPECT_THAT(Get("/healthz"), EndsWith("ok\n"));
}

TEST_F(HttpServerTest, ManyHeadersAreABadRequest) {
  std::string headers;
  while (headers.size() < 20'000) headers += "X: a\r\n";
  EXPECT_THAT(Get("/healthz", headers), AnyOf(IsEmpty(), StartsWith("HTTP/1.1 400 ")));
  EXPECT_THAT(Get("/healthz", headers.substr(0, 12'000)), StartsWith("HTTP/1.1 200 "));
}

// Each range would be a copy of the page in one answer.
TEST_F(HttpServerTest, RangesAreIgnored) {
  metrics_ = std::string(10'000, 'x');
  std::string ranges = "Range: bytes=0-";
  while (ranges.size() < 8000) ranges += ",0-";
  const std::string answer = Get("/metrics", ranges + "\r\n");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(answer, HasSubstr("\r\nContent-Length: 10000\r\n"));
}

TEST_F(HttpServerTest, ProbesAreAnsweredBesideHeadersThatDrip) {
  ProbesAreAnsweredBeside("GET / HTTP/1.1\r\nX: ",
                          [](const HttpConnection& attacker) { return attacker.Send("a"); });
}

TEST_F(HttpServerTest, ProbesAreAnsweredBesideReadersThatDrip) {
  metrics_ = std::string(8'000'000, 'x');
  ProbesAreAnsweredBeside("GET /metrics HTTP/1.1\r\n\r\n", [](const HttpConnection& attacker) {
    attacker.ReceiveSome(8 << 10);
    return true;  // to come back would be another attack, by the work of making such pages
  });
}

TEST_F(HttpServerTest, AClientIsGivenUpAtLast) {
  const HttpConnection silent(port_), dripping(port_);
  const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(kHttpPatience.tv_sec);
  bool is_open = dripping.Send("GET / HTTP/1.1\r\nX: ");
  while (is_open && std::chrono::steady_clock::now() < limit) {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    is_open = dripping.Send("a");
  }
  EXPECT_FALSE(is_open);
  EXPECT_THAT(silent.ReceiveAll(), IsEmpty());
}

TEST_F(HttpServerTest, ThoseThatAreLetInAreFewAndTheNewest) {
  // Each thread may have one that is cut while another waits for it.
  constexpr int kConnections = 1000, kOpen = 2 * 32, kOfTheSystem = 16;
  RaiseOpenFileLimit();
  const int before = CountOpenFiles();
  std::vector<HttpConnection> connections;
  for (int i = 0; i < kConnections; ++i) connections.emplace_back(port_);
  EXPECT_THAT(Get("/healthz"), EndsWith("ok\n")) << "the newest; the others have all been let in by now";
  EXPECT_LE(CountOpenFiles(), before + kConnections + kOpen + kOfTheSystem);
  EXPECT_THAT(connections[kConnections / 2].ReceiveAll(), IsEmpty()) << "hung up on";
}

TEST_F(HttpServerTest, StopsBesideConnectionsThatDripOrWait) {
  const int before = CountOpenFiles();
  std::vector<HttpConnection> connections;
  for (int i = 0; i < kAttackers; ++i) {
    connections.emplace_back(port_);
    connections.back().Send("GET /metr");
  }
  server_.reset();
  ASSERT_LT(CountOpenFiles(), before + kAttackers) << "but for its port it has left nothing open";
  for (const HttpConnection& connection : connections) EXPECT_EQ(connection.ReceiveAll(), "");
}

}  // namespace
}  // namespace m2tts
