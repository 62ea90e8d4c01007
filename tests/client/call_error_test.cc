#include "client/call_error.h"

#include <gtest/gtest.h>

#include "tests/client/fake_server.h"

namespace m2tts {
namespace {

TEST(CallErrorTest, KeepsCodeAndMessage) {
  EXPECT_TRUE(FromGrpcStatus(grpc::Status::OK).ok());
  const Status status = FromGrpcStatus(grpc::Status(grpc::StatusCode::NOT_FOUND, "no voice 'x'"));
  EXPECT_EQ(status.code(), StatusCode::kNotFound);
  EXPECT_EQ(status.message(), "no voice 'x'");
}

TEST(CallErrorTest, KeepsFieldViolations) {
  const auto details =
      DetailsOf(FromGrpcStatus(testing::ErrorWithFieldViolation("controls.speed", "too fast")));
  ASSERT_EQ(details.field_violations.size(), 1u);
  EXPECT_EQ(details.field_violations[0].field, "controls.speed");
  EXPECT_EQ(details.field_violations[0].description, "too fast");
  EXPECT_FALSE(details.retry_delay_s.has_value());
}

TEST(CallErrorTest, KeepsRetryDelay) {
  const auto details = DetailsOf(FromGrpcStatus(testing::ErrorWithRetryDelay(2500)));
  ASSERT_TRUE(details.retry_delay_s.has_value());
  EXPECT_DOUBLE_EQ(*details.retry_delay_s, 2.5);
}

TEST(CallErrorTest, DetailsThatDoNotParseAreIgnored) {
  const Status status = FromGrpcStatus(grpc::Status(grpc::StatusCode::INTERNAL, "x", "\xFF\xFFgarbage"));
  EXPECT_EQ(status.code(), StatusCode::kInternal);
  EXPECT_TRUE(DetailsOf(status).field_violations.empty());
}

TEST(CallErrorTest, StatusOfOursHasNoDetails) {
  EXPECT_TRUE(DetailsOf(NotFound("x")).field_violations.empty());
  EXPECT_TRUE(DetailsOf(OkStatus()).field_violations.empty());
}

}  // namespace
}  // namespace m2tts
