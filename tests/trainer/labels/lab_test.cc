#include <gtest/gtest.h>

#include "core/base/file.h"
#include "tests/core/base/temp_folder.h"
#include "trainer/labels/label_file.h"

namespace m2tts {
namespace {

TEST(LabTest, ReadsHtkTimesOf100Nanoseconds) {
  const auto labels = ParseLab("0 2500000 sil\r\n2500000 3200000 HH -12.5\n\n3200000 4000000 ah0\n", "a.lab");
  ASSERT_TRUE(labels.ok()) << labels.status();
  ASSERT_EQ(labels->size(), 3u);
  EXPECT_NEAR((*labels)[1].begin, 0.25, 1e-9);
  EXPECT_NEAR((*labels)[1].end, 0.32, 1e-9);
  EXPECT_EQ((*labels)[1].name, "HH");  // the score behind it is none of ours
  EXPECT_EQ((*labels)[2].name, "ah0");
}

TEST(LabTest, ReadsSecondsAndFullContextLabels) {
  const auto labels = ParseLab(
      "\xEF\xBB\xBF"
      "0.0\t0.25\tx^x-pau+ae=l@xx\n0.25\t0.5\tx^pau-ae+l=ax@1_2\n",
      "a.lab");
  ASSERT_TRUE(labels.ok()) << labels.status();
  EXPECT_EQ((*labels)[0].name, "pau");
  EXPECT_EQ((*labels)[1].name, "ae");
  EXPECT_NEAR((*labels)[1].end, 0.5, 1e-9);
}

TEST(LabTest, ReadsWhatFestivalSaves) {
  const auto labels =
      ParseLab("separator ;\nnfields 1\n#\n\t 0.2200 26 pau \n\t 0.2950 26 hh \n\t 0.3 26\n", "a.lab");
  ASSERT_TRUE(labels.ok()) << labels.status();
  ASSERT_EQ(labels->size(), 3u);
  EXPECT_EQ((*labels)[0].begin, 0.0);
  EXPECT_EQ((*labels)[1].begin, 0.22);
  EXPECT_EQ((*labels)[1].name, "hh");
  EXPECT_EQ((*labels)[2].name, "");
}

TEST(LabTest, NamesTheLineOfWhatIsWrong) {
  const struct {
    const char* text;
    const char* message;
  } kCases[] = {
      {"", "a.lab: no labels"},
      {"\n\n", "a.lab: no labels"},
      {"#\n", "a.lab: no labels"},
      {"0 100 a\nhello\n", "a.lab:2: 'hello' is not"},
      {"0 100 a\n100 x b\n", "a.lab:2:"},
      {"0 nan a\n", "a.lab:1:"},
      {"inf inf a\n", "a.lab:1:"},
      {"-5 100 a\n", "a.lab:1: times"},
      {"0 99999999999999999999 a\n", "a.lab:1: times"},
      {"0 1e999 a\n", "a.lab:1:"},
      {"0.5 0.2 a\n", "a.lab:1: ends at 0.2 s"},
      {"0.0 0.5 a\n0.4 0.6 b\n", "a.lab:2: begins at 0.4 s"},
      {"header\n#\n0.5 26 a\n0.2 26 b\n", "a.lab:4: ends at 0.2 s"},
      {"#\nx 26 a\n", "a.lab:2: 'x 26 a' is not 'end color label'"},
      {"0x10 0x20 a\n", "a.lab:1:"},
  };
  for (const auto& item : kCases) {
    const auto labels = ParseLab(item.text, "a.lab");
    ASSERT_TRUE(absl::IsInvalidArgument(labels.status())) << item.text;
    EXPECT_NE(labels.status().message().find(item.message), std::string::npos) << labels.status();
  }
}

TEST(LabTest, SurvivesBytesOfAnyKind) {
  std::string noise;
  uint32_t state = 1;
  for (int round = 0; round < 300; ++round) {
    noise.clear();
    for (int i = 0; i < 60; ++i) {
      state = state * 1664525u + 1013904223u;
      noise += "0123456789 .\n\t#-+eE\xFFpau\0"[(state >> 16) % 23];
    }
    const auto labels = ParseLab(noise, "noise");
    for (size_t i = 1; labels.ok() && i < labels->size(); ++i) {
      ASSERT_LE((*labels)[i].begin, (*labels)[i].end);
    }
  }
}

TEST(FindLabelsTest, LooksBesideTheRecordingAndInFoldersOfTheCorpus) {
  const TempFolder folder;
  const auto wav = folder.path() / "wavs" / "p1" / "c1.wav";
  const auto missing = FindLabels(folder.path(), wav, "lj/c1");
  EXPECT_TRUE(absl::IsNotFound(missing.status())) << missing.status();
  EXPECT_NE(missing.status().message().find("c1.wav"), std::string::npos);
  for (const char* place : {"labels/p1/c1.TextGrid", "lab/c1.lab", "wavs/p1/c1.lab"}) {
    const auto path = folder.path() / place;
    ASSERT_TRUE(WriteFileAtomic(path, "x").ok());
    const auto found = FindLabels(folder.path(), wav, "lj/c1");
    ASSERT_TRUE(found.ok()) << found.status();
    EXPECT_EQ(*found, path);
    std::filesystem::remove(path);
  }
  std::filesystem::create_symlink("c1.lab", folder.path() / "wavs/p1/c1.lab");  // leads nowhere
  EXPECT_TRUE(absl::IsNotFound(FindLabels(folder.path(), wav, "lj/c1").status()));
}

TEST(FindLabelsTest, AnIdWithADotHasItsOwnFile) {
  const TempFolder folder;
  const auto first = folder.path() / "lab/a0001.lab", second = folder.path() / "lab/a0001.2.lab";
  ASSERT_TRUE(WriteFileAtomic(first, "x").ok());
  const auto wavs = folder.path() / "wavs";
  EXPECT_TRUE(absl::IsNotFound(FindLabels(folder.path(), wavs / "a0001.2.wav", "a0001.2").status()))
      << "those of another take";
  ASSERT_TRUE(WriteFileAtomic(second, "x").ok());
  EXPECT_EQ(FindLabels(folder.path(), wavs / "a0001.2.wav", "a0001.2").value_or(""), second);
  EXPECT_EQ(FindLabels(folder.path(), wavs / "a0001.wav", "a0001").value_or(""), first);
  EXPECT_EQ(FindLabels(folder.path(), wavs / "a0001.wav", "a0001.wav").value_or(""), first);
}

TEST(ReadLabelsTest, RefusesOtherFiles) {
  const TempFolder folder;
  ASSERT_TRUE(WriteFileAtomic(folder.path() / "a.txt", "0 1 a").ok());
  EXPECT_TRUE(absl::IsInvalidArgument(ReadLabels(folder.path() / "a.txt").status()));
  EXPECT_TRUE(absl::IsNotFound(ReadLabels(folder.path() / "b.lab").status()));
  ASSERT_TRUE(WriteFileAtomic(folder.path() / "c.LAB", "0 1 a").ok());
  EXPECT_TRUE(ReadLabels(folder.path() / "c.LAB").ok());
}

}  // namespace
}  // namespace m2tts
