#include "core/base/replace_folder.h"

#include <gtest/gtest.h>

#include "core/base/file.h"
#include "tests/core/base/temp_folder.h"

namespace m2tts {
namespace {

TEST(ReplaceFolder, PutsAFolderInAnEmptyPlace) {
  TempFolder root;
  const auto made = MakeFolderBeside(root.path() / "new" / "voice");
  ASSERT_TRUE(made.ok()) << made.status();
  EXPECT_EQ(made->parent_path(), root.path() / "new");
  ASSERT_TRUE(WriteFileAtomic(*made / "file", "x").ok());
  ASSERT_TRUE(ReplaceFolder(*made, root.path() / "new" / "voice").ok());
  EXPECT_EQ(*ReadFile(root.path() / "new" / "voice" / "file"), "x");
  EXPECT_FALSE(std::filesystem::exists(*made));
}

TEST(ReplaceFolder, ExchangesWithTheOldOne) {
  TempFolder root;
  const auto place = root.path() / "voice" / "";  // a trailing slash is no trap
  ASSERT_TRUE(WriteFileAtomic(place / "file", "old").ok());
  const auto made = MakeFolderBeside(place);
  ASSERT_TRUE(made.ok()) << made.status();
  EXPECT_EQ(made->parent_path(), root.path());
  ASSERT_TRUE(WriteFileAtomic(*made / "file", "new").ok());
  ASSERT_TRUE(ReplaceFolder(*made, place).ok());
  EXPECT_EQ(*ReadFile(place / "file"), "new");
  EXPECT_EQ(*ReadFile(*made / "file"), "old");
}

TEST(ReplaceFolder, MissingSourceLeavesTheTargetAlone) {
  TempFolder root;
  const auto place = root.path() / "voice";
  ASSERT_TRUE(WriteFileAtomic(place / "file", "old").ok());
  EXPECT_FALSE(ReplaceFolder(root.path() / "missing", place).ok());
  EXPECT_EQ(*ReadFile(place / "file"), "old");
}

}  // namespace
}  // namespace m2tts
