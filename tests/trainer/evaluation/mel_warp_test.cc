#include "trainer/evaluation/mel_warp.h"

#include <gtest/gtest.h>

namespace m2tts {
namespace {

// [frames, 64], every frame another.
torch::Tensor SomeMel(int64_t frames) {
  torch::manual_seed(3);
  return torch::randn({frames, 64});
}

TEST(MelWarpTest, TheSameInAnotherTempoAndAtAnotherLevelIsNoDistortion) {
  const torch::Tensor mel = SomeMel(20);
  const auto warp = WarpMels(mel, mel.repeat_interleave(3, 0) + 5.0);
  ASSERT_TRUE(warp.ok()) << warp.status();
  EXPECT_NEAR(warp->mcd_db, 0.0, 1e-5);
  ASSERT_EQ(warp->path.size(), 60U);
  for (const auto& [i, j] : warp->path) EXPECT_EQ(i, j / 3);
}

TEST(MelWarpTest, ACosineOfOneIsTheConstantOfTheMeasure) {
  const torch::Tensor mel = torch::zeros({7, 64});
  const torch::Tensor wave = torch::cos(M_PI * 2 * (torch::arange(64) + 0.5) / 64);
  const auto warp = WarpMels(mel, mel + wave);
  ASSERT_TRUE(warp.ok()) << warp.status();
  EXPECT_NEAR(warp->mcd_db, 4.342944819 * 1.414213562, 1e-5);
}

TEST(MelWarpTest, ViewsAndHalvesAreRead) {
  const torch::Tensor mel = SomeMel(12).to(torch::kHalf);
  const auto warp = WarpMels(mel.to(torch::kFloat64), mel.t().contiguous().t());
  ASSERT_TRUE(warp.ok()) << warp.status();
  EXPECT_EQ(warp->mcd_db, 0.0);
}

TEST(MelWarpTest, RefusesNothing) {
  EXPECT_EQ(WarpMels(SomeMel(0), SomeMel(3)).status().code(), StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace m2tts
