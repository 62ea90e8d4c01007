#include "server/rpc/status_to_grpc.h"

#include <gtest/gtest.h>

#include "core/text/fold.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "server/base/error_text.h"
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

TEST(StatusToGrpcTest, WhatClientsSentIsCutToWhatTrailersHold) {
  const grpc::Status status =
      ToGrpcStatus(FieldErrorf("spec.dataset", "'{}' is no folder", std::string(100000, 'x')));
  EXPECT_LE(status.error_message().size(), kMaxErrorBytes);
  EXPECT_EQ(status.error_message().rfind("spec.dataset: 'xxx", 0), 0u);
  google::rpc::BadRequest detail;
  ASSERT_TRUE(Details(status).details(0).UnpackTo(&detail));
  EXPECT_EQ(detail.field_violations(0).field(), "spec.dataset");
  EXPECT_LE(status.error_message().size() + status.error_details().size(), size_t{4096});
}

// Whoever cuts a client's text may cut a character in two; the details must be readable all the same.
TEST(StatusToGrpcTest, HalfACharacterDoesNotSpoilTheDetails) {
  const grpc::Status status =
      ToGrpcStatus(FieldErrorf("labels", "'{}' is no name", std::string("n\xc3\xa4").substr(0, 2)));
  EXPECT_EQ(status.error_message(), "labels: 'n?' is no name");
  google::rpc::BadRequest detail;
  ASSERT_TRUE(Details(status).details(0).UnpackTo(&detail));
  EXPECT_EQ(detail.field_violations(0).description(), "'n?' is no name");
  const grpc::Status plain = ToGrpcStatus(Status(StatusCode::kNotFound, "no '\xff'"));
  EXPECT_EQ(plain.error_message(), "no '?'");
}

TEST(ErrorTextTest, AnyBytesBecomeShortUtf8) {
  EXPECT_EQ(ErrorText("as it is, n\xc3\xa4mlich"), "as it is, n\xc3\xa4mlich");
  EXPECT_EQ(ErrorText(std::string("a\0b", 3)), "a?b");
  std::string umlauts;
  for (int i = 0; i < 1000; ++i) umlauts += "\xc3\xa4";
  for (const std::string& text : {umlauts, "x" + umlauts, std::string(5000, '\xff')}) {
    const std::string cut = ErrorText(text);
    EXPECT_EQ(cut.size(), kMaxErrorBytes);
    EXPECT_EQ(FindInvalidUtf8(cut), std::string::npos);
    EXPECT_EQ(cut.substr(cut.size() - 3), "...");
  }
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
