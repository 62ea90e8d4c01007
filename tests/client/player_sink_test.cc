// Players are small scripts here, found on a $PATH of our own.
#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>
#include <thread>

#include "client/audio_sink.h"
#include "tests/client/cli_runner.h"
#include "tests/client/fake_server.h"

namespace m2tts {
namespace {

using testing::ReadAll;
using testing::TempDir;

class PlayerSinkTest : public ::testing::Test {
 protected:
  PlayerSinkTest() : old_path_(getenv("PATH")) {
    signal(SIGPIPE, SIG_IGN);  // as main() does
    setenv("PATH", (dir_ / "").c_str(), 1);
  }
  ~PlayerSinkTest() override { setenv("PATH", old_path_.c_str(), 1); }

  void AddPlayer(const std::string& name, const std::string& script) {
    testing::WriteAll(dir_ / name, "#!/bin/sh\nPATH=" + old_path_ + "\n" + script + "\n");
    std::filesystem::permissions(dir_ / name, std::filesystem::perms::owner_all);
  }

  TempDir dir_;
  const std::string old_path_;
};

TEST_F(PlayerSinkTest, NoPlayerIsAClearError) {
  const auto sink = OpenPlayerSink();
  ASSERT_EQ(sink.status().code(), StatusCode::kUnavailable);
  EXPECT_NE(std::string(sink.status().message()).find("aplay"), std::string::npos);
}

TEST_F(PlayerSinkTest, PlayerThatReadsAPipeGetsTheAudio) {
  AddPlayer("aplay", "cat > " + dir_ / "heard");
  auto sink = OpenPlayerSink();
  ASSERT_TRUE(sink.ok()) << sink.status();
  ASSERT_TRUE((*sink)->Write("abc").ok());
  ASSERT_TRUE((*sink)->Write("def").ok());
  ASSERT_TRUE((*sink)->Finish().ok());
  EXPECT_EQ(ReadAll(dir_ / "heard"), "abcdef");
}

TEST_F(PlayerSinkTest, PlayerThatWantsAFileGetsACompleteOne) {
  AddPlayer("paplay", "cat \"$1\" > " + dir_ / "heard" + "; echo \"$1\" > " + dir_ / "name");
  auto sink = OpenPlayerSink();
  ASSERT_TRUE(sink.ok()) << sink.status();
  ASSERT_TRUE((*sink)->Write(testing::StreamingWavHeader() + "abcd").ok());
  EXPECT_FALSE(std::filesystem::exists(dir_ / "heard"));
  ASSERT_TRUE((*sink)->Finish().ok());
  EXPECT_EQ(ReadAll(dir_ / "heard").size(), 48u);
  sink->reset();
  std::string name = ReadAll(dir_ / "name");
  name.pop_back();
  EXPECT_FALSE(std::filesystem::exists(std::filesystem::path(name).parent_path())) << name;
}

TEST_F(PlayerSinkTest, FailingPlayerIsAnError) {
  AddPlayer("aplay", "cat > /dev/null; exit 1");
  auto sink = OpenPlayerSink();
  ASSERT_TRUE(sink.ok());
  EXPECT_FALSE((*sink)->Finish().ok());
}

TEST_F(PlayerSinkTest, PlayerThatStopsListeningIsAnError) {
  AddPlayer("aplay", "exec < /dev/null; exit 0");
  auto sink = OpenPlayerSink();
  ASSERT_TRUE(sink.ok());
  const std::string block(1 << 20, 'x');  // more than a pipe holds
  EXPECT_FALSE((*sink)->Write(block).ok());
}

TEST_F(PlayerSinkTest, AbandonedPlayerIsEnded) {
  AddPlayer("aplay", "echo $$ > " + dir_ / "pid.new" + "\nmv " + dir_ / "pid.new " + dir_ / "pid" +
                         "\nexec sleep 1000");
  auto sink = OpenPlayerSink();
  ASSERT_TRUE(sink.ok()) << sink.status();
  for (int i = 0; i < 10000 && !std::filesystem::exists(dir_ / "pid"); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  ASSERT_TRUE(std::filesystem::exists(dir_ / "pid"));
  const pid_t pid = std::stoi(ReadAll(dir_ / "pid"));
  EXPECT_EQ(kill(pid, 0), 0) << "it plays";
  sink->reset();
  EXPECT_NE(kill(pid, 0), 0) << "it was ended and waited for";
}

}  // namespace
}  // namespace m2tts
