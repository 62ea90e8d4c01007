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
    return health_.Look(signs);
  }
  ServerHealth health_;
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

}  // namespace
}  // namespace m2tts
