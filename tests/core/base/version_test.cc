#include "core/base/version.h"

#include <gtest/gtest.h>

#include <cstdio>

namespace m2tts {
namespace {

TEST(Version, LineHasAllParts) {
  EXPECT_EQ(VersionLine("m2tts", ""), "m2tts " + Version() + " (commit " + Commit() + ")");
  EXPECT_EQ(VersionLine("m2ttsd", "1.13.1"),
            "m2ttsd " + Version() + " (commit " + Commit() + ", LibTorch 1.13.1)");
}

TEST(Version, IsThreeNumbers) {
  int major = 0, minor = 0, patch = 0;
  EXPECT_EQ(std::sscanf(Version().c_str(), "%d.%d.%d", &major, &minor, &patch), 3);
  EXPECT_FALSE(Commit().empty());
}

}  // namespace
}  // namespace m2tts
