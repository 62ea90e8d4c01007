#include "core/base/file_digest.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

#include "core/base/file.h"
#include "core/base/sha256.h"
#include "tests/core/base/temp_folder.h"

namespace m2tts {
namespace {

namespace fs = std::filesystem;

TEST(Sha256OfFile, IsThatOfItsBytes) {
  const TempFolder folder;
  for (const size_t size : {size_t{0}, size_t{3}, size_t{1} << 20, (size_t{3} << 20) + 7}) {
    std::string bytes(size, 'x');
    for (size_t i = 0; i < size; i += 97) bytes[i] = static_cast<char>(i);
    ASSERT_TRUE(WriteFileAtomic(folder.path() / "file", bytes).ok());
    const auto digest = Sha256OfFile(folder.path() / "file");
    ASSERT_TRUE(digest.ok()) << digest.status();
    EXPECT_EQ(*digest, Sha256Hex(bytes)) << size;
  }
}

TEST(Sha256OfFile, NothingElseIsReadOrWaitedFor) {
  const TempFolder folder;
  ASSERT_TRUE(WriteFileAtomic(folder.path() / "file", "x").ok());
  fs::create_symlink("file", folder.path() / "link");
  ASSERT_EQ(::mkfifo((folder.path() / "pipe").c_str(), 0600), 0);
  for (const char* name : {"link", "pipe", "nowhere", "."}) {
    const Status status = Sha256OfFile(folder.path() / name).status();
    EXPECT_FALSE(status.ok()) << name;
    EXPECT_NE(status.message().find(name), std::string::npos) << status;
  }
}

}  // namespace
}  // namespace m2tts
