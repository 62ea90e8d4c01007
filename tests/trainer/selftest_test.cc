// The minimal pipeline check of the reference project, as a test: `m2tts-trainer selftest`.
#include "trainer/selftest.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "core/base/status.h"

namespace m2tts {
namespace {

TEST(SelftestTest, TrainsExportsAndSpeaks) {
  const auto folder = std::filesystem::path(testing::TempDir()) / fmt::format("m2tts-selftest-{}", getpid());
  std::filesystem::remove_all(folder);
  std::vector<std::string> lines;
  const Status status = RunSelftest(folder, std::filesystem::path(M2TTS_BINARY_DIR) / "lexicon/en_US.lex",
                                    [&](const std::string& line) { lines.push_back(line); });
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_EQ(lines.size(), 6u);
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace m2tts
