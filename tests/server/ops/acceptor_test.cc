#include "server/ops/acceptor.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cerrno>
#include <vector>

#include "core/base/mutex.h"

namespace m2tts {
namespace {

class AcceptorTest : public testing::Test {
 protected:
  AcceptorTest() : listening_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in any{};
    any.sin_family = AF_INET;
    any.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(bind(listening_, reinterpret_cast<sockaddr*>(&any), sizeof(any)), 0);
    EXPECT_EQ(listen(listening_, 16), 0);
    socklen_t size = sizeof(address_);
    EXPECT_EQ(getsockname(listening_, reinterpret_cast<sockaddr*>(&address_), &size), 0);
  }
  ~AcceptorTest() override {
    for (const int each : clients_) close(each);
  }

  bool Connect() {
    const int client = socket(AF_INET, SOCK_STREAM, 0);
    clients_.push_back(client);
    return connect(client, reinterpret_cast<const sockaddr*>(&address_), sizeof(address_)) == 0;
  }
  // Of an acceptor: counts, and closes.
  void Take(int connection) {
    close(connection);
    MutexLock lock(&mutex_);
    ++taken_;
    changed_.NotifyAll();
  }
  bool WaitUntilTaken(int count) {
    const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    MutexLock lock(&mutex_);
    while (taken_ < count && changed_.WaitUntil(&mutex_, limit)) {
    }
    return taken_ == count;
  }

  const int listening_;
  sockaddr_in address_{};
  std::vector<int> clients_;
  Mutex mutex_;
  CondVar changed_;
  int taken_ = 0;
};

TEST_F(AcceptorTest, NoErrorEndsIt) {
  std::vector<int> errors = {ECONNABORTED, EMFILE, ENFILE, ENOBUFS, ENOMEM, EPROTO, ENETDOWN, EPERM, EINTR};
  const Acceptor acceptor(
      listening_, [this](int connection) { Take(connection); },
      [&errors](int listening) {
        if (errors.empty()) return Acceptor::AcceptNext(listening);
        errno = errors.back();
        errors.pop_back();
        return -1;
      });
  ASSERT_TRUE(Connect());
  EXPECT_TRUE(WaitUntilTaken(1));
  ASSERT_TRUE(Connect());
  EXPECT_TRUE(WaitUntilTaken(2));
}

TEST_F(AcceptorTest, TakesNothingOnceItIsGone) {
  {
    const Acceptor acceptor(listening_, [this](int connection) { Take(connection); });
    ASSERT_TRUE(Connect());
    EXPECT_TRUE(WaitUntilTaken(1));
  }
  EXPECT_FALSE(Connect()) << "the port is closed";
  EXPECT_EQ(taken_, 1);
}

}  // namespace
}  // namespace m2tts
