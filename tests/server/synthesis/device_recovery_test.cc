#include "server/synthesis/device_recovery.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server/base/status_details.h"

namespace m2tts {
namespace {

using testing::HasSubstr;
using namespace std::chrono_literals;

class DeviceRecoveryTest : public testing::Test {
 protected:
  using State = DeviceRecovery::State;

  bool Fail() { return recovery_.OnBatch(Internal("CUDA error: an illegal memory access"), now_); }
  void FailForGood() {
    for (int i = 0; i < 3; ++i) Fail();
    ASSERT_EQ(state(), State::kFailed);
  }
  bool Due() { return recovery_.Watch(false, now_); }
  State state() const { return recovery_.snapshot().state; }
  Status Check() const { return recovery_.Check(now_); }

  TimePoint now_{1h};
  DeviceRecovery recovery_{{3, 1s, 8s}};
};

TEST_F(DeviceRecoveryTest, OnlyFailuresInARowCount) {
  for (int i = 0; i < 10; ++i) {
    EXPECT_FALSE(Fail());
    EXPECT_FALSE(Fail());
    EXPECT_FALSE(recovery_.OnBatch(OkStatus(), now_));
  }
  EXPECT_TRUE(Check().ok());
  EXPECT_FALSE(Due());
  EXPECT_FALSE(Fail());
  EXPECT_FALSE(Fail());
  EXPECT_TRUE(Fail()) << "one too many";
  EXPECT_FALSE(Fail()) << "told once";
  EXPECT_EQ(recovery_.snapshot().failures, 24);
  EXPECT_THAT(recovery_.snapshot().last_error, HasSubstr("illegal memory access"));
}

TEST_F(DeviceRecoveryTest, WhatFailsOnADeviceThatSpeaksIsCountedAndNoReasonToStop) {
  for (int i = 0; i < 10; ++i) EXPECT_FALSE(recovery_.OnBatch(Internal("NaN"), now_, /*speaks=*/true));
  EXPECT_TRUE(Check().ok());
  EXPECT_EQ(recovery_.snapshot().failures, 10);
  EXPECT_FALSE(Fail());
  EXPECT_FALSE(Fail());
  EXPECT_FALSE(recovery_.OnBatch(Internal("NaN"), now_, /*speaks=*/true)) << "neither counted nor forgotten";
  EXPECT_TRUE(Fail());
}

TEST_F(DeviceRecoveryTest, RequestsAreToldWhenToComeBack) {
  FailForGood();
  EXPECT_EQ(Check().code(), StatusCode::kUnavailable);
  EXPECT_NEAR(*RetryDelayOf(Check()), 1.0, 1e-6);
  EXPECT_TRUE(Due());
  recovery_.OnAttempt(Internal("no"), now_);
  now_ += 250ms;
  EXPECT_NEAR(*RetryDelayOf(Check()), 1.75, 1e-6) << "what is left of the wait, and the attempt";
}

TEST_F(DeviceRecoveryTest, AGoodAttemptServesAgain) {
  FailForGood();
  EXPECT_TRUE(Due()) << "at once";
  EXPECT_FALSE(Due()) << "one attempt at a time";
  EXPECT_FALSE(Check().ok());
  recovery_.OnAttempt(OkStatus(), now_);
  EXPECT_TRUE(Check().ok());
  EXPECT_EQ(recovery_.snapshot().recoveries, 1);
  EXPECT_FALSE(Due());
  EXPECT_FALSE(Fail()) << "it begins to count anew";
}

TEST_F(DeviceRecoveryTest, AttemptsThatFailAreTriedAgainLessAndLessOften) {
  FailForGood();
  for (const auto wait : {1s, 2s, 4s, 8s, 8s}) {
    ASSERT_TRUE(Due());
    recovery_.OnAttempt(Internal("golden sentence: no"), now_);
    EXPECT_EQ(state(), State::kFailed);
    now_ += wait - 1ms;
    EXPECT_FALSE(Due());
    now_ += 1ms;
  }
  EXPECT_EQ(recovery_.snapshot().failed_attempts, 5);
  EXPECT_THAT(recovery_.snapshot().last_error, HasSubstr("golden sentence"));
  ASSERT_TRUE(Due());
  recovery_.OnAttempt(OkStatus(), now_);
  EXPECT_TRUE(Check().ok());
}

TEST_F(DeviceRecoveryTest, ARecoveryThatDoesNotHoldWaitsLongerAndOneThatHeldDoesNot) {
  FailForGood();
  ASSERT_TRUE(Due());
  recovery_.OnAttempt(OkStatus(), now_);
  now_ += 1s;
  FailForGood();
  EXPECT_FALSE(Due());
  now_ += 1s;
  ASSERT_TRUE(Due());
  recovery_.OnAttempt(OkStatus(), now_);
  FailForGood();
  now_ += 1s;
  EXPECT_FALSE(Due());
  now_ += 1s;
  ASSERT_TRUE(Due());
  recovery_.OnAttempt(OkStatus(), now_);
  now_ += 9s;
  FailForGood();
  EXPECT_TRUE(Due()) << "it had served for longer than the longest wait";
}

TEST_F(DeviceRecoveryTest, AStuckLaneIsRecoveredWhenItIsBack) {
  EXPECT_FALSE(recovery_.Watch(true, now_));
  EXPECT_EQ(state(), State::kStuck);
  EXPECT_THAT(std::string(Check().message()), HasSubstr("does not answer"));
  EXPECT_GT(*RetryDelayOf(Check()), 0.0);
  now_ += 60s;
  EXPECT_FALSE(recovery_.Watch(true, now_));
  EXPECT_TRUE(recovery_.Watch(false, now_)) << "the lane is back";
  EXPECT_EQ(state(), State::kFailed);
  recovery_.OnAttempt(OkStatus(), now_);
  EXPECT_EQ(state(), State::kServing);
}

TEST_F(DeviceRecoveryTest, ALaneThatGetsStuckDuringAnAttemptTakesAnother) {
  FailForGood();
  ASSERT_TRUE(Due());
  EXPECT_FALSE(recovery_.Watch(true, now_));
  recovery_.OnAttempt(OkStatus(), now_);
  EXPECT_EQ(state(), State::kStuck);
  EXPECT_TRUE(recovery_.Watch(false, now_));
  recovery_.OnAttempt(OkStatus(), now_);
  EXPECT_EQ(state(), State::kServing);
}

TEST_F(DeviceRecoveryTest, TwoAttemptsNeverOverlap) {
  FailForGood();
  ASSERT_TRUE(Due());
  EXPECT_FALSE(recovery_.Watch(true, now_));
  now_ += 60s;
  EXPECT_FALSE(recovery_.Watch(false, now_)) << "the first one has not ended";
  recovery_.OnAttempt(Internal("no"), now_);
  now_ += 60s;
  EXPECT_TRUE(Due());
}

}  // namespace
}  // namespace m2tts
