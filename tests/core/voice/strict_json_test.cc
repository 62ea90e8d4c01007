#include "core/voice/strict_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace m2tts {
namespace {

using ::testing::HasSubstr;

std::string ErrorOf(const std::string& text) {
  const Status status = CheckStrictJson(text, 3);
  EXPECT_EQ(status.code(), StatusCode::kInvalidArgument) << text;
  return std::string(status.message());
}

TEST(StrictJson, AcceptsJson) {
  EXPECT_EQ(CheckStrictJson(R"({"a": [1, -2, 3.5, true, null, "\u00e9"], "b": {"a": {}}})", 3), OkStatus());
  EXPECT_EQ(CheckStrictJson("{} \n\t ", 3), OkStatus());
}

TEST(StrictJson, RejectsDoubleKeysInOneObjectOnly) {
  EXPECT_THAT(ErrorOf(R"({"a": 1, "b": 2, "a": 3})"), HasSubstr("'a' is given twice"));
  EXPECT_THAT(ErrorOf(R"({"x": {"a": 1, "\u0061": 3}})"), HasSubstr("'a' is given twice"));
  EXPECT_EQ(CheckStrictJson(R"([{"a": 1}, {"a": 2}])", 3), OkStatus());
}

TEST(StrictJson, RejectsDepthWithoutRecursing) {
  EXPECT_EQ(CheckStrictJson("[[[1]]]", 3), OkStatus());
  EXPECT_THAT(ErrorOf("[[[[1]]]]"), HasSubstr("nested deeper than 3"));
  EXPECT_THAT(ErrorOf(std::string(10'000'000, '[')), HasSubstr("nested deeper than 3"));
}

TEST(StrictJson, RejectsWhatIsNotJson) {
  for (const char* text : {"", " ", "{", "{\"a\": 1,}", "{a: 1}", "{} x", "nul", "'a'", "\"\xff\"", "[1e999]",
                           "// c\n{}", "[NaN]", "\"\\ud83d\"", "[01]"}) {
    EXPECT_FALSE(CheckStrictJson(text, 3).ok()) << text;
  }
  EXPECT_THAT(ErrorOf("{\"a\": !}"), HasSubstr("byte 7"));
}

}  // namespace
}  // namespace m2tts
