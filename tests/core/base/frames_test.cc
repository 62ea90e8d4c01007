#include "core/base/frames.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

namespace m2tts {
namespace {

using ::testing::HasSubstr;

// Two ends of a stream.
class FramesTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, ends_), 0);
#ifndef MSG_NOSIGNAL
    signal(SIGPIPE, SIG_IGN);  // macOS: as both programs do
#endif
  }
  ~FramesTest() override {
    for (int i : {0, 1}) Close(i);
  }
  void Close(int i) {
    if (ends_[i] >= 0) close(ends_[i]);
    ends_[i] = -1;
  }
  // What has arrived at the second end.
  std::string Arrived() const {
    std::string all;
    char part[65536];
    for (ssize_t count = 0; (count = recv(ends_[1], part, sizeof part, MSG_DONTWAIT)) > 0;) {
      all.append(part, static_cast<size_t>(count));
    }
    return all;
  }

  int ends_[2] = {-1, -1};
};

TEST_F(FramesTest, MessagesComeOutAsTheyWentIn) {
  ASSERT_TRUE(SendAll(ends_[0], Framed("one") + Framed("") + Framed(std::string("\0\n", 2))).ok());
  FrameReader frames;
  frames.Append(Arrived());
  for (const std::string& expected : {std::string("one"), std::string(), std::string("\0\n", 2)}) {
    const auto message = frames.Next();
    ASSERT_TRUE(message.ok()) << message.status();
    ASSERT_TRUE(message->has_value());
    EXPECT_EQ(**message, expected);
  }
  const auto none = frames.Next();
  ASSERT_TRUE(none.ok()) << none.status();
  EXPECT_FALSE(none->has_value());
}

TEST_F(FramesTest, TheLongestMessageIsTakenAndALongerOneIsNot) {
  FrameReader frames;
  frames.Append(Framed(std::string(kMaxFrameBytes, 'x')));
  const auto longest = frames.Next();
  ASSERT_TRUE(longest.ok()) << longest.status();
  ASSERT_TRUE(longest->has_value());
  EXPECT_EQ((*longest)->size(), kMaxFrameBytes);

  // The length alone is enough: nobody waits for the rest.
  frames.Append(Framed(std::string(kMaxFrameBytes + 1, 'x')).substr(0, 4));
  const auto longer = frames.Next();
  EXPECT_EQ(longer.status().code(), StatusCode::kDataLoss);
  EXPECT_THAT(std::string(longer.status().message()),
              HasSubstr("a message of 1048577 bytes, at most 1048576 are allowed"));
}

TEST_F(FramesTest, NobodyAtTheOtherEndIsAnErrorAndNoSignal) {
  Close(1);
  for (const Status& status : {SendAll(ends_[0], "x"), SendNow(ends_[0], "x")}) {
    EXPECT_EQ(status.code(), StatusCode::kUnavailable) << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr("cannot send: "));
  }
}

TEST_F(FramesTest, SendNowDoesNotWaitForWhoDoesNotRead) {
  const std::string block(65536, 'x');
  Status status;
  for (int i = 0; i < 10000 && status.ok(); ++i) status = SendNow(ends_[0], block);
  EXPECT_EQ(status.code(), StatusCode::kResourceExhausted) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("the other end does not read"));
  EXPECT_FALSE(Arrived().empty());
  EXPECT_TRUE(SendNow(ends_[0], "x").ok()) << "now there is room again";
}

}  // namespace
}  // namespace m2tts
