// Against a real datagram socket, as systemd's.
#include "server/ops/service_notifier.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>

#include "tests/core/base/temp_folder.h"

namespace m2tts {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;

class Listener {
 public:
  // "@name" for an abstract one.
  explicit Listener(const std::string& name) : fd_(socket(AF_UNIX, SOCK_DGRAM, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, name.data(), name.size());
    if (name[0] == '@') address.sun_path[0] = '\0';
    EXPECT_EQ(bind(fd_, reinterpret_cast<sockaddr*>(&address),
                   static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size())),
              0);
  }
  ~Listener() { close(fd_); }
  // The next datagram; "" when there is none.
  std::string Receive() const {
    char buffer[256];
    const ssize_t size = recv(fd_, buffer, sizeof(buffer), MSG_DONTWAIT);
    return size < 0 ? "" : std::string(buffer, static_cast<size_t>(size));
  }

 private:
  const int fd_;
};

TEST(ServiceNotifierTest, SaysWhatSystemdUnderstands) {
  const TempFolder folder;
  const std::string path = (folder.path() / "notify").string();
  const Listener listener(path);
  const ServiceNotifier notifier(path);
  notifier.Ready("serving on 127.0.0.1:50551");
  EXPECT_EQ(listener.Receive(), "READY=1\nSTATUS=serving on 127.0.0.1:50551");
  notifier.Alive();
  EXPECT_EQ(listener.Receive(), "WATCHDOG=1");
  notifier.Reloading();
  EXPECT_THAT(listener.Receive(), testing::MatchesRegex("RELOADING=1\nMONOTONIC_USEC=[0-9]+"));
  notifier.Stopping();
  EXPECT_THAT(listener.Receive(), HasSubstr("STOPPING=1"));
  EXPECT_EQ(listener.Receive(), "");
}

#ifdef __linux__
TEST(ServiceNotifierTest, AbstractSocket) {
  const std::string name = "@m2tts-notify-test-" + std::to_string(getpid());
  const Listener listener(name);
  ServiceNotifier(name).Alive();
  EXPECT_EQ(listener.Receive(), "WATCHDOG=1");
}
#endif

TEST(ServiceNotifierTest, NobodyListensIsNoError) {
  ServiceNotifier("/nonexistent/notify").Alive();
  ServiceNotifier(std::string(500, 'x')).Alive();
  ServiceNotifier("").Alive();
}

TEST(ServiceNotifierTest, EnvironmentIsReadAndTakenAway) {
  setenv("NOTIFY_SOCKET", "/run/notify", 1);
  setenv("WATCHDOG_USEC", "20000000", 1);
  setenv("WATCHDOG_PID", std::to_string(getpid()).c_str(), 1);
  EXPECT_EQ(ServiceNotifier::FromEnvironment().alive_every(), milliseconds(10'000));
  EXPECT_EQ(getenv("NOTIFY_SOCKET"), nullptr);
  EXPECT_EQ(getenv("WATCHDOG_USEC"), nullptr);
  for (const char* bad : {"", "0", "-5", "soon", "1e6", "99999999999999999999999"}) {
    setenv("NOTIFY_SOCKET", "/run/notify", 1);
    setenv("WATCHDOG_USEC", bad, 1);
    EXPECT_FALSE(ServiceNotifier::FromEnvironment().alive_every().has_value()) << bad;
  }
  setenv("NOTIFY_SOCKET", "/run/notify", 1);
  setenv("WATCHDOG_USEC", "20000000", 1);
  setenv("WATCHDOG_PID", "1", 1);
  EXPECT_FALSE(ServiceNotifier::FromEnvironment().alive_every().has_value()) << "meant for another process";
  EXPECT_FALSE(ServiceNotifier::FromEnvironment().alive_every().has_value());
}

}  // namespace
}  // namespace m2tts
