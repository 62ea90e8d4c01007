#include "client/audio_sink.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <sstream>

#include "client/wav_header.h"
#include "tests/client/cli_runner.h"
#include "tests/client/fake_server.h"

namespace m2tts {
namespace {

using testing::ReadAll;
using testing::TempDir;
using testing::WriteAll;

TEST(FileSinkTest, FileAppearsOnlyAtTheEndWithExactSizes) {
  TempDir dir;
  auto sink = OpenFileSink(dir / "x.wav", /*is_wav=*/true);
  ASSERT_TRUE(sink.ok()) << sink.status();
  const std::string header = testing::StreamingWavHeader();
  ASSERT_TRUE((*sink)->Write(header.substr(0, 10)).ok());
  ASSERT_TRUE((*sink)->Write(header.substr(10) + "abcdef").ok());
  EXPECT_FALSE(std::filesystem::exists(dir / "x.wav"));
  ASSERT_TRUE((*sink)->Finish().ok());

  const std::string content = ReadAll(dir / "x.wav");
  ASSERT_EQ(content.size(), 50u);
  EXPECT_EQ(content.substr(4, 4), LittleEndian32(42));
  EXPECT_EQ(content.substr(40), LittleEndian32(6) + "abcdef");
  EXPECT_EQ(dir.file_count(), 1u);
}

TEST(FileSinkTest, AbandonedSinkLeavesNothingAndKeepsTheOldFile) {
  TempDir dir;
  WriteAll(dir / "x.flac", "old");
  {
    auto sink = OpenFileSink(dir / "x.flac", false);
    ASSERT_TRUE(sink.ok());
    ASSERT_TRUE((*sink)->Write("new").ok());
  }
  EXPECT_EQ(ReadAll(dir / "x.flac"), "old");
  EXPECT_EQ(dir.file_count(), 1u);
}

TEST(FileSinkTest, WhatIsNoWavIsAnErrorAndLeavesNothing) {
  TempDir dir;
  auto sink = OpenFileSink(dir / "x.wav", true);
  ASSERT_TRUE(sink.ok());
  ASSERT_TRUE((*sink)->Write("not audio").ok());
  EXPECT_EQ((*sink)->Finish().code(), StatusCode::kDataLoss);
  sink->reset();
  EXPECT_EQ(dir.file_count(), 0u);
}

TEST(FileSinkTest, KeepsModeAndSymbolicLink) {
  TempDir dir;
  WriteAll(dir / "real", "old");
  chmod((dir / "real").c_str(), 0640);
  std::filesystem::create_symlink("real", dir / "link");
  auto sink = OpenFileSink(dir / "link", false);
  ASSERT_TRUE(sink.ok()) << sink.status();
  ASSERT_TRUE((*sink)->Write("new").ok());
  ASSERT_TRUE((*sink)->Finish().ok());
  EXPECT_EQ(ReadAll(dir / "real"), "new");
  EXPECT_TRUE(std::filesystem::is_symlink(dir / "link"));
  struct stat info;
  ASSERT_EQ(stat((dir / "real").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0640u);
}

TEST(FileSinkTest, DevicesAreWrittenAndNotReplaced) {
  auto sink = OpenFileSink("/dev/null", true);
  ASSERT_TRUE(sink.ok()) << sink.status();
  ASSERT_TRUE((*sink)->Write("abc").ok());
  ASSERT_TRUE((*sink)->Finish().ok());
  EXPECT_TRUE(std::filesystem::is_character_file("/dev/null"));
}

TEST(FileSinkTest, ErrorsNameThePath) {
  TempDir dir;
  for (const std::string& path : {dir / "missing/x.wav", dir / ""}) {
    const auto sink = OpenFileSink(path, true);
    ASSERT_FALSE(sink.ok());
    EXPECT_NE(std::string(sink.status().message()).find(path), std::string::npos) << sink.status();
  }
}

TEST(FileSinkTest, FullDeviceIsAnError) {
  if (!std::filesystem::exists("/dev/full")) GTEST_SKIP() << "only Linux has /dev/full";
  auto sink = OpenFileSink("/dev/full", false);
  ASSERT_TRUE(sink.ok());
  EXPECT_FALSE((*sink)->Write("abc").ok());
}

TEST(StreamSinkTest, WritesAndReportsABrokenStream) {
  std::ostringstream out;
  auto sink = MakeStreamSink(&out);
  EXPECT_TRUE(sink->Write("abc").ok());
  EXPECT_TRUE(sink->Finish().ok());
  EXPECT_EQ(out.str(), "abc");
  out.setstate(std::ios::badbit);
  EXPECT_FALSE(sink->Write("d").ok());
}

}  // namespace
}  // namespace m2tts
