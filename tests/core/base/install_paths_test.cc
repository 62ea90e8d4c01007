#include "core/base/install_paths.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/wait.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "core/base/file.h"
#include "tests/core/base/temp_folder.h"

namespace m2tts {
namespace {

namespace fs = std::filesystem;

TEST(InstallPaths, BuildTreeUsesSourceAndBuildFolders) {
  const InstallPaths paths = FindInstallPaths();
  EXPECT_EQ(paths.voices, fs::path(M2TTS_SOURCE_DIR) / "voices");
  EXPECT_EQ(paths.lexicon, fs::path(M2TTS_BINARY_DIR) / "lexicon" / "en_US.lex");
  EXPECT_EQ(paths.config, fs::path(M2TTS_SOURCE_DIR) / "configs" / "m2ttsd.yaml");
}

TEST(InstallPaths, EnvironmentOverrides) {
  ::setenv("M2TTS_VOICES", "/my/voices", 1);
  ::setenv("M2TTS_LEXICON", "", 1);  // empty counts as unset
  const InstallPaths paths = FindInstallPaths();
  ::unsetenv("M2TTS_VOICES");
  ::unsetenv("M2TTS_LEXICON");
  EXPECT_EQ(paths.voices, "/my/voices");
  EXPECT_EQ(paths.lexicon, FindInstallPaths().lexicon);
}

// Copies this program into an install tree and runs this test there once more; the variable
// tells the copy that it is the one to look.
TEST(InstallPaths, InstalledBinaryFindsItsPrefix) {
  constexpr char kPrefixVariable[] = "M2TTS_TEST_PREFIX";
  if (const char* installed = ::getenv(kPrefixVariable); installed != nullptr) {
    const fs::path prefix = installed;
    const InstallPaths paths = FindInstallPaths();
    EXPECT_EQ(paths.voices, prefix / "share/m2tts/voices");
    EXPECT_EQ(paths.lexicon, prefix / "share/m2tts/lexicon/en_US.lex");
    EXPECT_EQ(paths.config, prefix / "etc/m2tts/m2ttsd.yaml");
    return;
  }
  TempFolder temp;
  const fs::path prefix = fs::canonical(temp.path());
  const fs::path program = prefix / "bin" / "base_test";
  fs::create_directories(prefix / "bin");
  fs::create_directories(prefix / "share" / "m2tts");
  fs::copy_file(::testing::internal::GetArgvs()[0], program);
  const std::string command = program.string() +
                              " --gtest_filter=InstallPaths.InstalledBinaryFindsItsPrefix >" +
                              (prefix / "log").string();
  ::setenv(kPrefixVariable, prefix.c_str(), 1);
  const int result = std::system(command.c_str());
  ::unsetenv(kPrefixVariable);
  EXPECT_EQ(WEXITSTATUS(result), 0) << *ReadFile(prefix / "log");
  EXPECT_NE(ReadFile(prefix / "log")->find("[  PASSED  ] 1 test"), std::string::npos);
}

}  // namespace
}  // namespace m2tts
