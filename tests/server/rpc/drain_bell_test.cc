#include "server/rpc/drain_bell.h"

#include <gtest/gtest.h>

namespace m2tts {
namespace {

TEST(DrainBellTest, TellsThoseWhoAreStillThereOnce) {
  DrainBell bell;
  int heard = 0;
  const auto stays = std::make_shared<DrainBell::Listener>([&] { ++heard; });
  auto leaves = std::make_shared<DrainBell::Listener>([&] { heard += 100; });
  bell.Add(stays);
  bell.Add(leaves);
  leaves.reset();
  EXPECT_EQ(heard, 0);
  bell.Ring();
  EXPECT_EQ(heard, 1);
  bell.Ring();
  EXPECT_EQ(heard, 1);
}

TEST(DrainBellTest, WhoComesLateIsToldAtOnce) {
  DrainBell bell;
  bell.Ring();
  int heard = 0;
  const auto late = std::make_shared<DrainBell::Listener>([&] { ++heard; });
  bell.Add(late);
  EXPECT_EQ(heard, 1);
}

TEST(DrainBellTest, ForgetsThoseWhoHaveGone) {
  DrainBell bell;
  int heard = 0;
  for (int i = 0; i < 10'000; ++i) bell.Add(std::make_shared<DrainBell::Listener>([&] { ++heard; }));
  bell.Ring();
  EXPECT_EQ(heard, 0);
}

}  // namespace
}  // namespace m2tts
