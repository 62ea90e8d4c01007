#include "server/ops/idle_heap.h"

#include <gtest/gtest.h>

namespace m2tts {
namespace {

constexpr int64_t kMega = 1 << 20;

class IdleHeapTest : public testing::Test {
 protected:
  IdleHeapTest() { heap_.SetBase(200 * kMega); }
  // One look, `seconds` after the one before.
  bool Look(double seconds, bool busy, std::optional<int64_t> resident) {
    now_ += std::chrono::milliseconds(static_cast<int>(seconds * 1000));
    return heap_.Due(busy, resident, now_);
  }

  IdleHeap heap_;
  IdleHeap::Time now_{};
};

TEST_F(IdleHeapTest, GivesBackWhatAStormLeft) {
  EXPECT_FALSE(Look(0, true, 300 * kMega));
  EXPECT_FALSE(Look(60, true, 300 * kMega)) << "still busy";
  EXPECT_FALSE(Look(1, false, 300 * kMega));
  EXPECT_FALSE(Look(4.9, false, 300 * kMega));
  EXPECT_TRUE(Look(0.1, false, 300 * kMega));
}

TEST_F(IdleHeapTest, ARequestBeginsTheWaitAnew) {
  EXPECT_FALSE(Look(0, false, 300 * kMega));
  EXPECT_FALSE(Look(4, true, 300 * kMega));
  EXPECT_FALSE(Look(4, false, 300 * kMega));
  EXPECT_FALSE(Look(4, false, 300 * kMega));
  EXPECT_TRUE(Look(1, false, 300 * kMega));
}

TEST_F(IdleHeapTest, KeepsWhatTheNextRequestNeeds) {
  EXPECT_FALSE(Look(0, false, 220 * kMega));
  EXPECT_FALSE(Look(60, false, 232 * kMega));
  EXPECT_TRUE(Look(1, false, 233 * kMega));
}

TEST_F(IdleHeapTest, WhatCannotBeGivenBackIsTheNewBase) {
  EXPECT_FALSE(Look(0, false, 300 * kMega));
  EXPECT_TRUE(Look(5, false, 300 * kMega));
  EXPECT_FALSE(Look(1, false, 300 * kMega)) << "not at every look";
  heap_.SetBase(300 * kMega);
  EXPECT_FALSE(Look(60, false, 310 * kMega));
  EXPECT_TRUE(Look(60, false, 340 * kMega));
}

TEST_F(IdleHeapTest, AnUnknownSizeIsNeverTime) {
  EXPECT_FALSE(Look(0, false, std::nullopt));
  EXPECT_FALSE(Look(60, false, std::nullopt));
}

}  // namespace
}  // namespace m2tts
