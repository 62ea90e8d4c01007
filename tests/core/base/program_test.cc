#include "core/base/program.h"

#include <gtest/gtest.h>

namespace m2tts {
namespace {

TEST(ProgramTest, ProgramExists) {
  EXPECT_TRUE(ProgramExists("sh"));
  EXPECT_TRUE(ProgramExists("/bin/sh"));
  EXPECT_FALSE(ProgramExists("m2tts-no-such-program"));
  EXPECT_FALSE(ProgramExists("/etc/passwd"));
  EXPECT_FALSE(ProgramExists(""));
}

}  // namespace
}  // namespace m2tts
