#include "server/base/listen_address.h"

#include <gtest/gtest.h>

namespace m2tts {
namespace {

TEST(ListenAddressTest, ParsesHostsAndPorts) {
  const auto v4 = ParseListenAddress("127.0.0.1:50551");
  ASSERT_TRUE(v4.ok());
  EXPECT_EQ(v4->host, "127.0.0.1");
  EXPECT_EQ(v4->port, 50551);
  const auto v6 = ParseListenAddress("[::1]:0");
  ASSERT_TRUE(v6.ok());
  EXPECT_EQ(v6->host, "::1");
  EXPECT_EQ(v6->ToString(), "[::1]:0");
}

TEST(ListenAddressTest, RefusesWhatIsNoAddress) {
  for (const char* bad : {"", ":", "127.0.0.1", "127.0.0.1:", ":50551", "host:x", "host:-1", "host:65536",
                          "host:1x", "::1:50551", "host:99999999999999999999", "host: 1"}) {
    EXPECT_EQ(ParseListenAddress(bad).status().code(), StatusCode::kInvalidArgument) << bad;
  }
}

TEST(ListenAddressTest, UnixSocketsHaveAnAbsolutePath) {
  const auto address = ParseListenAddress("unix:/run/m2ttsd.sock");
  ASSERT_TRUE(address.ok());
  EXPECT_TRUE(address->IsUnix());
  EXPECT_TRUE(address->IsLocal());
  EXPECT_FALSE(address->IsLoopback());
  EXPECT_EQ(address->ToString(), "unix:/run/m2ttsd.sock");
  for (const std::string& bad :
       {std::string("unix:"), std::string("unix:m2ttsd.sock"), "unix:/" + std::string(200, 'x')}) {
    EXPECT_EQ(ParseListenAddress(bad).status().code(), StatusCode::kInvalidArgument) << bad;
  }
}

TEST(ListenAddressTest, SeveralAddresses) {
  const auto two = ParseListenAddresses("127.0.0.1:0,unix:/run/m2ttsd.sock");
  ASSERT_TRUE(two.ok());
  ASSERT_EQ(two->size(), 2u);
  EXPECT_EQ((*two)[1].path, "/run/m2ttsd.sock");
  for (const char* bad : {"", ",", "127.0.0.1:0,", "127.0.0.1:0,,[::1]:0", "127.0.0.1:0, [::1]:0",
                          "a:1,a:2,a:3,a:4,a:5,a:6,a:7,a:8,a:9"}) {
    EXPECT_FALSE(ParseListenAddresses(bad).ok()) << bad;
  }
}

TEST(ListenAddressTest, KnowsLoopback) {
  for (const char* loopback : {"127.0.0.1:1", "127.9.9.9:1", "localhost:1", "[::1]:1"}) {
    EXPECT_TRUE(ParseListenAddress(loopback)->IsLoopback()) << loopback;
  }
  for (const char* reachable :
       {"0.0.0.0:1", "[::]:1", "10.0.0.1:1", "127.0.0.1.example.com:1", "example.com:1"}) {
    EXPECT_FALSE(ParseListenAddress(reachable)->IsLoopback()) << reachable;
  }
}

}  // namespace
}  // namespace m2tts
