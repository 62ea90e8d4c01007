#include "trainer/data/dataset.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "core/audio/codec.h"
#include "core/base/file.h"

namespace m2tts {
namespace {

namespace fs = std::filesystem;

class DatasetTest : public testing::Test {
 protected:
  void SetUp() override {
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    root_ = fs::path(testing::TempDir()) / fmt::format("m2tts-{}-{}", test->name(), getpid());
    fs::remove_all(root_);
  }
  void TearDown() override { fs::remove_all(root_); }

  void Put(const std::string& path, const std::string& content = "sound") {
    ASSERT_TRUE(WriteFileAtomic(root_ / path, content).ok());
  }
  std::string Error() const {
    const auto clips = ReadDataset(root_);
    EXPECT_FALSE(clips.ok());
    return std::string(clips.status().message());
  }

  fs::path root_;
};

TEST_F(DatasetTest, ReadsLjspeechWithTwoAndThreeColumnsAndCarriageReturns) {
  Put("wavs/a.wav");
  Put("wavs/b.flac");
  Put("metadata.csv", "a|Dr. X|Doctor X\r\n\nb|hello\n");
  const auto clips = ReadDataset(root_);
  ASSERT_TRUE(clips.ok()) << clips.status();
  ASSERT_EQ(clips->size(), 2u);
  EXPECT_EQ((*clips)[0].text, "Doctor X");
  EXPECT_EQ((*clips)[1].audio, root_ / "wavs/b.flac");
  EXPECT_EQ((*clips)[1].speaker, "");
  EXPECT_EQ((*clips)[1].where, (root_ / "metadata.csv").string() + ":3");
}

TEST_F(DatasetTest, ReadsATableWithNamedColumns) {
  Put("clips/one.mp3");
  Put("clips/two.wav");
  Put("metadata.csv", "speaker|file|text|note\nann|clips/one.mp3|Hello.|x\nbob|clips/two.wav|Goodbye.|\n");
  const auto clips = ReadDataset(root_);
  ASSERT_TRUE(clips.ok()) << clips.status();
  ASSERT_EQ(clips->size(), 2u);
  EXPECT_EQ((*clips)[0].id, "clips/one.mp3");
  EXPECT_EQ((*clips)[0].speaker, "ann");
  EXPECT_EQ((*clips)[1].text, "Goodbye.");
}

TEST_F(DatasetTest, ReadsVctkAndPrefersTheFirstMicrophone) {
  Put("txt/p225/p225_001.txt", "Please call Stella.\n");
  Put("txt/p226/p226_002.txt", "Ask her to bring these things.");
  Put("txt/readme.txt", "not a speaker");
  Put("wav48_silence_trimmed/p225/p225_001_mic2.flac");
  Put("wav48_silence_trimmed/p225/p225_001_mic1.flac");
  Put("wav48/p226/p226_002.wav");
  const auto clips = ReadDataset(root_);
  ASSERT_TRUE(clips.ok()) << clips.status();
  ASSERT_EQ(clips->size(), 2u);
  EXPECT_EQ((*clips)[0].speaker, "p225");
  EXPECT_EQ((*clips)[0].text, "Please call Stella.");
  EXPECT_EQ((*clips)[0].audio.filename(), "p225_001_mic1.flac");
  EXPECT_EQ((*clips)[1].audio.filename(), "p226_002.wav");
}

TEST_F(DatasetTest, NamesTheLineOfABadRow) {
  Put("wavs/a.wav");
  const auto error = [this](const std::string& metadata) {
    Put("metadata.csv", metadata);
    return Error();
  };
  EXPECT_NE(error("a|x|y\na|x|y|z\n").find("metadata.csv:2"), std::string::npos);
  EXPECT_NE(error("a|x\na|x\n").find("twice"), std::string::npos);
  EXPECT_NE(error("../../etc/passwd|x\n").find("metadata.csv:1"), std::string::npos);
  EXPECT_NE(error("/etc/passwd|x\n").find("metadata.csv:1"), std::string::npos);
  EXPECT_NE(error("a| \n").find("empty"), std::string::npos);
  EXPECT_NE(error("missing|x\n").find("wavs/missing"), std::string::npos);
  EXPECT_NE(error("").find("no clips"), std::string::npos);
  EXPECT_NE(error(std::string("\0\xff\xfe|", 4) + "x\n").find("metadata.csv:1"), std::string::npos);
  EXPECT_NE(error("file|text\nwavs/a.wav|x|y\n").find("metadata.csv:2: 3 columns"), std::string::npos);
  EXPECT_NE(error("file|text\nwavs/b.wav|x\n").find("no audio file"), std::string::npos);
}

TEST_F(DatasetTest, AByteOrderMarkIsNoPartOfTheFirstId) {
  Put("wavs/a.wav");
  Put("metadata.csv",
      "\xEF\xBB\xBF"
      "a|Hello.\n");
  auto clips = ReadDataset(root_);
  ASSERT_TRUE(clips.ok()) << clips.status();
  EXPECT_EQ(clips->front().id, "a");
  Put("metadata.csv",
      "\xEF\xBB\xBF"
      "file|text\nwavs/a.wav|Hello.\n");
  clips = ReadDataset(root_);
  ASSERT_TRUE(clips.ok()) << clips.status();
  EXPECT_EQ(clips->front().id, "wavs/a.wav");
}

// Every clip is one that stands there, or there is an error that names a line.
TEST_F(DatasetTest, TablesThatEndAnywhereOrHoldAnything) {
  Put("wavs/a.wav");
  Put("wavs/b.wav");
  const auto check = [this](const std::string& metadata) {
    std::ofstream(root_ / "metadata.csv", std::ios::binary) << metadata;  // not synced: there are many
    int bad_rows = 0;
    const auto clips = ReadDataset(root_, [&](const Status& status) {
      ++bad_rows;
      EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
      EXPECT_NE(status.message().find("metadata.csv:"), std::string::npos) << status;
    });
    if (clips.ok()) {
      for (const Clip& clip : *clips) {
        EXPECT_TRUE(clip.audio == root_ / "wavs/a.wav" || clip.audio == root_ / "wavs/b.wav") << clip.audio;
        EXPECT_FALSE(clip.text.empty());
      }
    } else {
      EXPECT_TRUE(absl::IsInvalidArgument(clips.status())) << clips.status();
    }
    return clips.ok() ? static_cast<int>(clips->size()) : -bad_rows;
  };
  for (const std::string& table :
       {std::string("a|Dr. X|Doctor X\r\nb|Hello.|Hello.\r\n"),
        std::string("text|speaker|file\nHello.|ann|wavs/a.wav\nYes.|bob|wavs/b.wav\n")}) {
    EXPECT_EQ(check(table), 2);
    for (size_t length = 0; length < table.size(); ++length) check(table.substr(0, length));
    for (size_t at = 0; at < table.size(); ++at) {
      for (const char byte : {'\0', '|', '\n', '/', '.', '\xff'}) {
        std::string damaged = table;
        damaged[at] = byte;
        check(damaged);
      }
    }
  }
  for (const std::string id : {"..", ".", "/", "a/../b", "wavs", "a\\b", "~", "a b", ""}) {
    EXPECT_LE(check(id + "|text\n"), 0) << id;
    EXPECT_LE(check("file|text\n" + id + "|text\n"), 0) << id;
  }
  EXPECT_EQ(check(std::string(1 << 20, '|') + "\n"), -1);
  EXPECT_EQ(check("a|" + std::string(1 << 20, 'x') + "\n"), 1)
      << "how long a text may be is for others to say";
  EXPECT_EQ(check(std::string(1 << 16, 'a') + "|text\n"), -1);
  EXPECT_EQ(check(std::string(1000, '\n')), 0);
}

// To look at such a link is an error of another kind than that it is not there.
TEST_F(DatasetTest, LinksThatLeadNowhereAreLikeMissingFiles) {
  const auto loop = [this](const fs::path& path) {
    fs::create_directories((root_ / path).parent_path());
    fs::create_symlink(path.filename(), root_ / path);
  };
  loop("metadata.csv");
  loop("txt");
  EXPECT_TRUE(absl::IsNotFound(ReadDataset(root_).status()));
  loop("wavs/a.wav");
  Put("metadata.csv", "a|x\n");
  EXPECT_NE(Error().find("no audio file wavs/a.wav"), std::string::npos);
  Put("metadata.csv", "file|text\nwavs/a.wav|x\n");
  EXPECT_NE(Error().find("no audio file"), std::string::npos);
  fs::remove(root_ / "metadata.csv");
  fs::remove(root_ / "txt");
  Put("txt/p1/p1_001.txt", "Hello.");
  loop("txt/p2");
  loop("wav48/p1/p1_001.wav");
  EXPECT_NE(Error().find("no audio file of 'p1_001'"), std::string::npos);
}

TEST_F(DatasetTest, NamesTheTranscriptWithoutAudio) {
  Put("txt/p1/p1_001.txt", "Hello.");
  EXPECT_NE(Error().find("p1_001.txt"), std::string::npos);
  Put("wav/p1/p1_001.wav");
  Put("txt/p1/p1_001.txt", "\n");
  EXPECT_NE(Error().find("empty"), std::string::npos);
}

TEST_F(DatasetTest, TellsOfEveryBadRowWhenAsked) {
  Put("wavs/a.wav");
  Put("metadata.csv", "a|x\nb|y\nc\na|z\n");
  std::vector<std::string> errors;
  const auto clips = ReadDataset(root_, [&](const Status& s) { errors.emplace_back(s.message()); });
  ASSERT_TRUE(clips.ok()) << clips.status();
  EXPECT_EQ(clips->size(), 1u);
  ASSERT_EQ(errors.size(), 3u);
  EXPECT_NE(errors[2].find("metadata.csv:4"), std::string::npos);
}

TEST_F(DatasetTest, AFolderWithoutACorpusIsNotFound) {
  EXPECT_TRUE(absl::IsNotFound(ReadDataset(root_).status()));
  fs::create_directories(root_);
  EXPECT_TRUE(absl::IsNotFound(ReadDataset(root_).status()));
}

}  // namespace
}  // namespace m2tts
