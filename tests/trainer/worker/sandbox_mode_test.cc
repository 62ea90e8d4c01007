// What holds everywhere; sandbox_test.cc is for Linux.
#include <gtest/gtest.h>

#include <cstdlib>

#include "trainer/worker/sandbox.h"

namespace m2tts {
namespace {

TEST(SandboxModeTest, OffDoesNothing) {
  SandboxOptions options;
  EXPECT_EQ(options.mode, "off");  // people who train by hand have none
  options.temp = "/nonexistent";
  EXPECT_TRUE(EnterSandbox(options).ok());
  EXPECT_EQ(SandboxReport(), "");
  const char* const temp = std::getenv("TMPDIR");
  EXPECT_TRUE(temp == nullptr || std::string(temp) != "/nonexistent");
}

#ifdef __APPLE__
TEST(SandboxModeTest, WhereThereIsNoneOnIsAnErrorAndAutoIsNot) {
  SandboxOptions options;
  options.mode = "auto";
  EXPECT_TRUE(EnterSandbox(options).ok());
  EXPECT_NE(SandboxReport().find("no Landlock"), std::string::npos) << SandboxReport();
  options.mode = "on";
  EXPECT_EQ(EnterSandbox(options).code(), StatusCode::kInvalidArgument);
}
#endif

}  // namespace
}  // namespace m2tts
