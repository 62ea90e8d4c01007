#include "core/base/file_lock.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <optional>

#include "tests/core/base/temp_folder.h"

namespace m2tts {
namespace {

using ::testing::HasSubstr;

TEST(FileLockTest, OneHolderAtATime) {
  const TempFolder folder;
  const auto path = folder.path() / "run/lock";
  {
    const auto first = FileLock::Acquire(path);
    ASSERT_TRUE(first.ok()) << first.status();
    const auto second = FileLock::Acquire(path);
    EXPECT_EQ(second.status().code(), StatusCode::kFailedPrecondition);
    EXPECT_THAT(std::string(second.status().message()), HasSubstr(fmt::format("process {}", ::getpid())));
  }
  EXPECT_TRUE(FileLock::Acquire(path).ok());
}

TEST(FileLockTest, AnOldLockFileOfAnyContentIsNoHindrance) {
  const TempFolder folder;
  std::ofstream(folder.path() / "lock") << std::string(10000, 'x');
  const auto lock = FileLock::Acquire(folder.path() / "lock");
  ASSERT_TRUE(lock.ok()) << lock.status();
  EXPECT_LT(std::filesystem::file_size(folder.path() / "lock"), 20u);
}

TEST(FileLockTest, SaysWhatHindersTheFile) {
  const TempFolder folder;
  std::ofstream(folder.path() / "file") << "x";
  const auto lock = FileLock::Acquire(folder.path() / "file/run/lock");
  ASSERT_FALSE(lock.ok());
  EXPECT_THAT(std::string(lock.status().message()), HasSubstr("file/run"));
}

}  // namespace
}  // namespace m2tts
