#include "server/voices/fault_injection.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace m2tts {
namespace {

TEST(FaultTest, ReadsWhatItKnows) {
  EXPECT_EQ(ParseFault("")->kind, Fault::Kind::kNone);
  const auto oom = ParseFault("device_oom:40");
  EXPECT_EQ(oom->kind, Fault::Kind::kOutOfMemory);
  EXPECT_EQ(oom->first, 40);
  const auto error = ParseFault("device_error:30-34");
  EXPECT_EQ(error->kind, Fault::Kind::kError);
  EXPECT_EQ(error->first, 30);
  EXPECT_EQ(error->second, 34);
  const auto nan = ParseFault("device_nan:5-6");
  EXPECT_EQ(nan->kind, Fault::Kind::kNan);
  EXPECT_EQ(nan->first, 5);
  EXPECT_EQ(nan->second, 6);
  const auto stall = ParseFault("device_stall:7-2");
  EXPECT_EQ(stall->kind, Fault::Kind::kStall);
  EXPECT_EQ(stall->first, 7);
  EXPECT_EQ(stall->second, 2);
}

TEST(FaultTest, RefusesTheRest) {
  for (const char* text : {"meteor",
                           "device_oom",
                           "device_oom:",
                           "device_oom:0",
                           "device_oom:-1",
                           "device_oom:x",
                           "device_oom:1-2",
                           "device_oom:1 ",
                           "device_oom:99999999999999999999",
                           "device_error:3",
                           "device_error:4-3",
                           "device_error:3-",
                           "device_error:-3",
                           "device_error:1-2-3",
                           "device_nan:3",
                           "device_nan:4-3",
                           "device_stall:1",
                           "device_stall:1-0",
                           ":",
                           "-",
                           "device_stall:1-1x"}) {
    const auto fault = ParseFault(text);
    EXPECT_EQ(fault.status().code(), StatusCode::kInvalidArgument) << text;
    EXPECT_THAT(std::string(fault.status().message()), testing::HasSubstr(text));
  }
}

}  // namespace
}  // namespace m2tts
