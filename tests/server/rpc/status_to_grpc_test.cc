#include "server/rpc/status_to_grpc.h"

#include <gtest/gtest.h>

#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "server/base/status_details.h"

namespace m2tts {
namespace {

google::rpc::Status Details(const grpc::Status& status) {
  google::rpc::Status details;
  EXPECT_TRUE(details.ParseFromString(status.error_details()));
  return details;
}

TEST(StatusToGrpcTest, EveryCodeKeepsItsNumberAndMessage) {
  for (int code = 1; code <= 16; ++code) {
    const grpc::Status status = ToGrpcStatus(Status(static_cast<StatusCode>(code), "why"));
    EXPECT_EQ(status.error_code(), code);
    EXPECT_EQ(status.error_message(), "why");
    EXPECT_TRUE(status.error_details().empty());
  }
  EXPECT_TRUE(ToGrpcStatus(OkStatus()).ok());
}

TEST(StatusToGrpcTest, FieldErrorBecomesBadRequest) {
  const grpc::Status status = ToGrpcStatus(FieldErrorf("controls.speed", "{} is outside [0.25, 4]", 9));
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(status.error_message(), "controls.speed: 9 is outside [0.25, 4]");
  google::rpc::BadRequest detail;
  ASSERT_EQ(Details(status).details_size(), 1);
  ASSERT_TRUE(Details(status).details(0).UnpackTo(&detail));
  EXPECT_EQ(detail.field_violations(0).field(), "controls.speed");
}

TEST(StatusToGrpcTest, RetryDelayBecomesRetryInfo) {
  const grpc::Status status =
      ToGrpcStatus(WithRetryDelay(Errorf(StatusCode::kResourceExhausted, "full"), 2.25));
  google::rpc::RetryInfo detail;
  ASSERT_TRUE(Details(status).details(0).UnpackTo(&detail));
  EXPECT_EQ(detail.retry_delay().seconds(), 2);
  EXPECT_EQ(detail.retry_delay().nanos(), 250000000);
}

TEST(StatusToGrpcTest, NamesCodes) {
  EXPECT_EQ(StatusCodeName(grpc::StatusCode::OK), "OK");
  EXPECT_EQ(StatusCodeName(grpc::StatusCode::INVALID_ARGUMENT), "INVALID_ARGUMENT");
  EXPECT_EQ(StatusCodeName(static_cast<grpc::StatusCode>(99)), "UNKNOWN");
}

}  // namespace
}  // namespace m2tts
