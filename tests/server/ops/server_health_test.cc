#include "server/ops/server_health.h"

#include <gtest/gtest.h>

namespace m2tts {
namespace {

class ServerHealthTest : public testing::Test {
 protected:
  std::optional<ServerState> Look(bool stuck, bool failed, bool files_left) {
    ServerHealth::Signs signs;
    signs.device_stuck = stuck;
    signs.device_failed = failed;
    signs.files_left = files_left;
    return health_.Look(signs, now_);
  }
  bool HopelessAfter(std::chrono::seconds time) {
    now_ += time;
    return health_.Hopeless(now_, std::chrono::minutes(5));
  }
  ServerHealth health_;
  std::chrono::steady_clock::time_point now_{std::chrono::hours(1)};
};

TEST_F(ServerHealthTest, TellsChangesOnce) {
  EXPECT_EQ(Look(false, false, true), std::nullopt) << "it serves at first";
  EXPECT_EQ(Look(true, false, true), ServerState::kStuck);
  EXPECT_EQ(Look(true, false, true), std::nullopt);
  EXPECT_EQ(Look(false, true, true), ServerState::kRecovering);
  EXPECT_EQ(Look(false, false, true), ServerState::kServing);
}

TEST_F(ServerHealthTest, ADeviceThatHangsHidesEverythingElse) {
  EXPECT_EQ(Look(true, true, false), ServerState::kStuck);
  EXPECT_EQ(Look(false, true, true), ServerState::kRecovering);
  EXPECT_EQ(Look(false, false, true), ServerState::kDeaf) << "it was meanwhile";
}

TEST_F(ServerHealthTest, DeafIsForGood) {
  EXPECT_EQ(Look(false, false, false), ServerState::kDeaf);
  EXPECT_EQ(Look(false, false, true), std::nullopt) << "files that are closed do not make gRPC listen again";
}

TEST_F(ServerHealthTest, IsHopelessWhenItHasNotServedForMinutes) {
  EXPECT_FALSE(HopelessAfter(std::chrono::hours(10))) << "it serves";
  Look(false, false, true);
  Look(false, true, true);
  EXPECT_FALSE(HopelessAfter(std::chrono::seconds(299)));
  Look(true, false, true);
  EXPECT_TRUE(HopelessAfter(std::chrono::seconds(1))) << "another reason is no new beginning";
  Look(false, false, true);
  EXPECT_FALSE(HopelessAfter(std::chrono::hours(1))) << "it serves again";
  Look(false, false, false);
  EXPECT_FALSE(HopelessAfter(std::chrono::seconds(1)));
  EXPECT_TRUE(HopelessAfter(std::chrono::seconds(300))) << "a deaf daemon stays so";
}

}  // namespace
}  // namespace m2tts
