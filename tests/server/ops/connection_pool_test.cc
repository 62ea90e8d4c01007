#include "server/ops/connection_pool.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <memory>

namespace m2tts {
namespace {

// Sends back each byte until the peer, or the pool, ends it.
void Echo(int socket) {
  char byte = 0;
  while (read(socket, &byte, 1) == 1) {
    if (send(socket, &byte, 1, MSG_NOSIGNAL) != 1) return;
  }
}

class ConnectionPoolTest : public testing::Test {
 protected:
  // The far end of a connection that the pool serves.
  class Client {
   public:
    Client(ConnectionPool* pool, const std::string& peer) {
      int ends[2];
      EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
      socket_ = ends[0];
      pool->Add(ends[1], peer);
    }
    ~Client() { close(socket_); }
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    bool Served() const {
      char byte = 'a';
      return send(socket_, &byte, 1, MSG_NOSIGNAL) == 1 && read(socket_, &byte, 1) == 1;
    }

   private:
    int socket_ = -1;
  };

  ConnectionPool pool_{3, Echo};
};

TEST_F(ConnectionPoolTest, ServesEachBesideTheOthers) {
  const Client a(&pool_, "x"), b(&pool_, "y"), c(&pool_, "z");
  EXPECT_TRUE(a.Served() && b.Served() && c.Served());
  EXPECT_TRUE(a.Served());
}

TEST_F(ConnectionPoolTest, OfOnePeerTheOldestIsCut) {
  const Client a(&pool_, "x"), b(&pool_, "x"), c(&pool_, "x"), d(&pool_, "x");
  EXPECT_FALSE(a.Served());
  EXPECT_TRUE(b.Served() && c.Served() && d.Served());
}

TEST_F(ConnectionPoolTest, AFloodPushesOutItsOwn) {
  const Client probe(&pool_, "probe");
  EXPECT_TRUE(probe.Served());
  std::vector<std::unique_ptr<Client>> flood;
  for (int i = 0; i < 50; ++i) flood.push_back(std::make_unique<Client>(&pool_, "flood"));
  EXPECT_TRUE(probe.Served()) << "the oldest of all";
  EXPECT_FALSE(flood[0]->Served());
  EXPECT_TRUE(flood[48]->Served() && flood[49]->Served());
}

TEST_F(ConnectionPoolTest, EndsWithThePool) {
  const Client a(&pool_, "x");
  EXPECT_TRUE(a.Served());
  pool_.Shutdown();
  EXPECT_FALSE(a.Served());
  const Client late(&pool_, "x");
  EXPECT_FALSE(late.Served());
}

}  // namespace
}  // namespace m2tts
