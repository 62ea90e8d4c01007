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

// As the trailers of an answer: base64, and up to three bytes for one of the message.
size_t TrailerBytes(const grpc::Status& status) {
  return 3 * status.error_message().size() + (status.error_details().size() + 2) / 3 * 4;
}

google::rpc::BadRequest BadRequestOf(const grpc::Status& status) {
  google::rpc::BadRequest detail;
  const google::rpc::Status details = Details(status);
  for (const auto& any : details.details()) {
    if (any.UnpackTo(&detail)) break;
  }
  return detail;
}

TEST(FieldViolationsTest, EachOfSeveralFieldsIsSaidInFull) {
  FieldViolations wrong;
  EXPECT_TRUE(wrong.status().ok());
  EXPECT_TRUE(wrong.Add(OkStatus()));
  EXPECT_FALSE(wrong.Add(FieldError("spec.dataset", std::string(300, 'a'))));
  EXPECT_FALSE(wrong.Add(FieldError("labels", "b")));
  FieldViolations outer;
  outer.Add(FieldError("priority", "c"));
  outer.Add(wrong.status());
  const grpc::Status status = ToGrpcStatus(outer.status());
  EXPECT_EQ(status.error_message(), "priority: c; spec.dataset: " + std::string(300, 'a') + "; labels: b");
  const auto detail = BadRequestOf(status);
  ASSERT_EQ(detail.field_violations_size(), 3);
  EXPECT_EQ(detail.field_violations(0).field(), "priority");
  EXPECT_EQ(detail.field_violations(1).description(), std::string(300, 'a'));
  EXPECT_EQ(detail.field_violations(2).description(), "b");
}

// However much is wrong, however long: gRPC takes 8 KiB of trailers, and more would be another error.
TEST(FieldViolationsTest, AllTogetherFitIntoTheTrailers) {
  for (const int count : {2, 5, 32, 1000}) {
    for (const char* const character : {"x", "\xc3\xa4", "\xf0\x9f\x98\x80"}) {
      std::string what;
      while (what.size() < 5000) what += character;
      FieldViolations wrong;
      for (int i = 0; i < count; ++i) wrong.Add(FieldError("spec.publish_max_word_error_percent", what));
      const grpc::Status status = ToGrpcStatus(WithRequestId(wrong.status(), std::string(36, 'r')));
      EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
      EXPECT_LT(TrailerBytes(status), size_t{7800}) << count << " of " << character;
      EXPECT_EQ(FindInvalidUtf8(status.error_message()), std::string::npos);
    }
  }
  FieldViolations wrong;
  for (int i = 0; i < 1000; ++i) wrong.Add(FieldErrorf("labels", "{}", i));
  const auto detail = BadRequestOf(ToGrpcStatus(wrong.status()));
  ASSERT_EQ(detail.field_violations_size(), 33);
  EXPECT_EQ(detail.field_violations(31).description(), "31");
  EXPECT_EQ(detail.field_violations(32).description(), "and more is wrong");
}

TEST(FieldViolationsTest, AnotherErrorComesBeforeThem) {
  FieldViolations wrong;
  wrong.Add(FieldError("labels", "a"));
  wrong.Add(Errorf(StatusCode::kUnavailable, "later"));
  wrong.Add(Errorf(StatusCode::kInternal, "never"));
  EXPECT_EQ(wrong.status().code(), StatusCode::kUnavailable);
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
