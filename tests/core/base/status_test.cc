#include "core/base/status.h"

#include <gtest/gtest.h>

#include <memory>

namespace m2tts {
namespace {

StatusOr<std::unique_ptr<int>> Half(int value) {
  if (value % 2 != 0) return InvalidArgument("value: {} is odd", value);
  return std::make_unique<int>(value / 2);
}

StatusOr<int> Quarter(int value) {
  M2TTS_ASSIGN_OR_RETURN(const auto half, Half(value));  // move-only values pass
  M2TTS_ASSIGN_OR_RETURN(const auto quarter, Half(*half));
  return *quarter;
}

Status Check(int value) {
  M2TTS_RETURN_IF_ERROR(Quarter(value).status());
  return OkStatus();
}

TEST(Status, MacrosPassValuesAndErrors) {
  EXPECT_EQ(*Quarter(12), 3);
  EXPECT_EQ(Check(12), OkStatus());
  EXPECT_EQ(Check(6), InvalidArgument("value: 3 is odd"));
}

TEST(Status, AnnotateKeepsTheCode) {
  EXPECT_EQ(Annotate(NotFound("gone"), "file"), NotFound("file: gone"));
  EXPECT_EQ(Annotate(OkStatus(), "file"), OkStatus());
}

}  // namespace
}  // namespace m2tts
