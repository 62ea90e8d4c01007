#include "core/base/file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <string>
#include <vector>

#include "tests/core/base/temp_folder.h"

namespace m2tts {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

std::string Message(const Status& status) {
  return std::string(status.message());
}

TEST(File, WritesAndReadsBack) {
  TempFolder folder;
  const fs::path path = folder.path() / "a" / "b" / "file";  // parents are made
  const std::string content("with\0zero\n", 10);
  ASSERT_TRUE(WriteFileAtomic(path, content).ok());
  EXPECT_EQ(*ReadFile(path), content);
  ASSERT_TRUE(WriteFileAtomic(path, "").ok());
  EXPECT_EQ(*ReadFile(path), "");
}

TEST(File, LeavesNoTemporaryBehind) {
  TempFolder folder;
  ASSERT_TRUE(WriteFileAtomic(folder.path() / "file", "x").ok());
  // A folder in the way makes the rename fail.
  fs::create_directory(folder.path() / "taken");
  EXPECT_FALSE(WriteFileAtomic(folder.path() / "taken", "x").ok());
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder.path())) names.push_back(entry.path().filename());
  EXPECT_THAT(names, ::testing::UnorderedElementsAre("file", "taken"));
}

TEST(File, ReadingMissingFileNamesIt) {
  const auto content = ReadFile("/nonexistent/file");
  EXPECT_EQ(content.status().code(), StatusCode::kNotFound);
  EXPECT_THAT(Message(content.status()), HasSubstr("/nonexistent/file"));
}

TEST(File, LimitIsInclusive) {
  TempFolder folder;
  const fs::path path = folder.path() / "file";
  ASSERT_TRUE(WriteFileAtomic(path, "12345").ok());
  EXPECT_TRUE(ReadFile(path, 5).ok());
  EXPECT_EQ(ReadFile(path, 4).status().code(), StatusCode::kResourceExhausted);
}

TEST(File, RefusesFoldersAndFifos) {
  TempFolder folder;
  EXPECT_FALSE(ReadFile(folder.path()).ok());
  const fs::path fifo = folder.path() / "fifo";
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
  EXPECT_EQ(ReadFile(fifo).status().code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(MappedFile::Open(fifo).status().code(), StatusCode::kInvalidArgument);
  EXPECT_FALSE(MappedFile::Open(folder.path() / "missing").ok());
}

TEST(File, WhatCannotBeLookedAtIsNotThere) {
  TempFolder folder;
  const fs::path loop = folder.path() / "loop";
  fs::create_symlink("loop", loop);
  for (const fs::path& path : {loop, loop / "below", folder.path() / std::string(300, 'x')}) {
    EXPECT_FALSE(Exists(path) || IsFile(path) || IsFolder(path)) << path;
  }
  ASSERT_TRUE(WriteFileAtomic(folder.path() / "file", "x").ok());
  EXPECT_TRUE(Exists(folder.path() / "file") && IsFile(folder.path() / "file"));
  EXPECT_FALSE(IsFolder(folder.path() / "file"));
  EXPECT_TRUE(Exists(folder.path()) && IsFolder(folder.path()));
  EXPECT_FALSE(IsFile(folder.path()));
}

TEST(File, WritingBelowAFileFails) {
  TempFolder folder;
  ASSERT_TRUE(WriteFileAtomic(folder.path() / "file", "x").ok());
  EXPECT_FALSE(WriteFileAtomic(folder.path() / "file" / "below", "x").ok());
  EXPECT_EQ(WriteFileAtomic(folder.path() / "", "x").code(), StatusCode::kInvalidArgument);
}

TEST(MappedFile, SurvivesReplacementOfTheFile) {
  TempFolder folder;
  const fs::path path = folder.path() / "file";
  ASSERT_TRUE(WriteFileAtomic(path, "old").ok());
  const auto mapped = MappedFile::Open(path);
  ASSERT_TRUE(mapped.ok());
  ASSERT_TRUE(WriteFileAtomic(path, "new content").ok());
  EXPECT_EQ((*mapped)->bytes(), "old");
}

TEST(MappedFile, MapsAnEmptyFile) {
  TempFolder folder;
  ASSERT_TRUE(WriteFileAtomic(folder.path() / "empty", "").ok());
  const auto mapped = MappedFile::Open(folder.path() / "empty");
  ASSERT_TRUE(mapped.ok());
  EXPECT_TRUE((*mapped)->bytes().empty());
}

}  // namespace
}  // namespace m2tts
