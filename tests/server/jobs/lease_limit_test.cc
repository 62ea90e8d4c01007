// What a worker hears of the time that requests may wait for it.
#include <gtest/gtest.h>

#include "tests/server/jobs/supervisor_fixture.h"

namespace m2tts {
namespace {

class LeaseLimitTest : public SupervisorTest {
 protected:
  // The daemon's answer to a worker's hello, with this limit in its configuration.
  worker::v1::Welcome WelcomeWith(double max_step_ms) {
    Close();
    config_.max_step_ms = max_step_ms;
    Open();
    worker::v1::WorkerMessage hello;
    hello.mutable_hello()->set_protocol(1);
    Prepare("hello", hello);
    // As long as the expected answer, frame included.
    worker::v1::DaemonMessage expected;
    expected.mutable_welcome()->set_protocol(1);
    expected.mutable_welcome()->set_max_step_seconds(1e-3 * config_.max_step_ms);
    const size_t length = Framed(expected.SerializeAsString()).size();
    Act(fmt::format("[ $1 = train ] && cat hello >&$lease && head -c {} <&$lease > welcome\n{}exit 0", length,
                    MakesVoice()));
    Start();
    Submit("a", Training());
    EXPECT_EQ(WaitForEnd("a").state(), v1::JOB_STATE_SUCCEEDED);
    worker::v1::DaemonMessage message;
    const auto bytes = ReadFile(folder_.path() / "welcome");
    EXPECT_TRUE(bytes.ok()) << bytes.status();
    if (!bytes.ok()) return {};
    FrameReader reader;
    reader.Append(*bytes);
    const auto frame = reader.Next();
    EXPECT_TRUE(frame.ok() && frame->has_value());
    if (frame.ok() && frame->has_value()) {
      EXPECT_TRUE(message.ParseFromString(**frame));
    }
    return message.welcome();
  }
};

TEST_F(LeaseLimitTest, TheWelcomeNamesIt) {
  EXPECT_DOUBLE_EQ(JobsConfig().max_step_ms, 50.0);
  EXPECT_DOUBLE_EQ(WelcomeWith(40.0).max_step_seconds(), 0.04);
}

TEST_F(LeaseLimitTest, ZeroIsNoLimit) {
  const auto welcome = WelcomeWith(0.0);
  EXPECT_EQ(welcome.protocol(), 1);
  EXPECT_EQ(welcome.max_step_seconds(), 0.0);
}

}  // namespace
}  // namespace m2tts
